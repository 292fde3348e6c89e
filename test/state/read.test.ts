import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFileText } from '../../src/state/read.ts';
import { temporaryFolder } from './temporary-folder.ts';

const put: Readonly<Record<string, (path: string) => void>> = {
  'text.json': (path) => writeFileSync(path, '[]'),
  'latin.json': (path) => writeFileSync(path, Buffer.from([0x22, 0xe4, 0x22])),
  folder: (path) => mkdirSync(path),
  // Nobody writes into it, and nobody may wait for that.
  pipe: (path) => void execFileSync('mkfifo', [path]),
};

test.each([
  ['text.json', { ok: true, text: '[]' }],
  ['latin.json', { ok: false, missing: false, problem: { message: expect.stringContaining('UTF-8') } }],
  ['folder', { ok: false, missing: false, problem: { message: 'a folder stands in its place' } }],
  ['nothing', { ok: false, missing: true, problem: { message: 'the file is not there' } }],
  ['pipe', { ok: true, text: '' }],
])('what stands in the place of a file is read at once: %s', (name, found) => {
  const path = join(temporaryFolder(), name);
  put[name]?.(path);
  expect(readFileText(path, 'state.json')).toMatchObject(found);
});
