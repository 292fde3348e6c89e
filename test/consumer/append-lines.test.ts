import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { appendLines } from '../../src/consumer/append-lines.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { until } from '../support/until.ts';

const read = (path: string): string => readFileSync(path, 'utf8');

test('lines are added to a file that is made when it is not there, by one process or several at once', async () => {
  const path = join(temporaryFolder(), 'out.ndjson');
  await appendLines(path, ['"a"', '"b"']);
  await appendLines(path, []);
  expect(read(path)).toBe('"a"\n"b"\n');
  const chunks = Array.from({ length: 40 }, (_, chunk) => [`${chunk}`, 'ö'.repeat(5000), `${chunk}`]);
  await Promise.all(chunks.map((chunk) => appendLines(path, chunk)));
  const text = read(path);
  for (const chunk of chunks) expect(text).toContain(`\n${chunk.join('\n')}\n`);
  expect(text.split('\n')).toHaveLength(2 + 120 + 1);
});

test('a line that somebody left unfinished is ended, not cut off', async () => {
  const path = join(temporaryFolder(), 'out.ndjson');
  writeFileSync(path, '"whole"\n{"half');
  await appendLines(path, ['"next"']);
  expect(read(path)).toBe('"whole"\n{"half\n"next"\n');
});

test('a file that was moved away is begun anew', async () => {
  const path = join(temporaryFolder(), 'out.ndjson');
  await appendLines(path, ['1']);
  renameSync(path, `${path}.1`);
  await appendLines(path, ['2']);
  expect([read(`${path}.1`), read(path)]).toEqual(['1\n', '2\n']);
});

/** Somebody else leaves pieces of lines while chunks are added. @returns the lines that are missing in the end */
async function addBesidePieces(
  add: (path: string, lines: readonly string[]) => Promise<void>,
): Promise<string[]> {
  const path = join(temporaryFolder(), 'out.ndjson');
  writeFileSync(path, '');
  const added: string[] = [];
  const end = new AbortController();
  const tearing = (async () => {
    while (!end.signal.aborted) {
      appendFileSync(path, '{"piece');
      await delay(Math.random() * 2);
    }
  })();
  for (let chunk = 0; chunk < 150; chunk += 1) {
    const lines = [`"${chunk}-0"`, `"${chunk}-1"`];
    await add(path, lines);
    added.push(...lines);
  }
  end.abort();
  await tearing;
  const found = new Set(read(path).split('\n'));
  return added.filter((line) => !found.has(line));
}

test('each confirmed line stands on its own, whoever is torn off before it', async () => {
  expect(await addBesidePieces(appendLines)).toEqual([]);
});

test('twin: with a look before the write only, some do not', async () => {
  expect(await addBesidePieces(lookFirst)).not.toEqual([]);
});

const lineSchema = z.object({ name: z.string(), chunk: z.number(), line: z.number() });

describe('processes that are killed while they add', () => {
  const script = fileURLToPath(new URL('adding-process.ts', import.meta.url));

  /** One goes on while others are killed. @returns how many lines of confirmed chunks are missing */
  async function run(way: string, kills: number): Promise<number> {
    const path = join(temporaryFolder(), 'out.ndjson');
    const confirmed = new Map<string, number>();
    const start = (name: string) => {
      const child = spawn(process.execPath, [script, path, name, way], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      child.stdout.on('data', (part: Buffer) => {
        const chunks = part.toString().split('\n').length - 1;
        confirmed.set(name, (confirmed.get(name) ?? 0) + chunks);
      });
      return { child, closed: new Promise((resolve) => child.once('close', resolve)) };
    };
    const stay = start('stays');
    for (const name of ['a', 'b', 'c', 'd'].slice(0, kills)) {
      const { child, closed } = start(name);
      await until(() => (confirmed.get(name) ?? 0) > 0, { what: 'a chunk that was added' });
      // Not a wait for something: the moment of the kill.
      await delay(Math.random() * 20);
      child.kill('SIGKILL');
      await closed;
    }
    stay.child.kill('SIGKILL');
    await stay.closed;
    const found = new Set<string>();
    for (const text of read(path).split('\n')) {
      const line = parse(text);
      if (line) found.add(`${line.name} ${line.chunk} ${line.line}`);
    }
    let lost = 0;
    for (const [name, chunks] of confirmed)
      for (let chunk = 0; chunk < chunks; chunk += 1)
        for (let line = 0; line < 60; line += 1) if (!found.has(`${name} ${chunk} ${line}`)) lost += 1;
    return lost;
  }

  test('lose nothing that was confirmed', async () => {
    expect(await run('careful', 4)).toBe(0);
  });

  test('twin: without the looks they do', async () => {
    await until(async () => (await run('careless', 1)) > 0, { what: 'a lost line', ms: 30_000 });
  });
});

function parse(text: string): z.output<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

test('what cannot be written is said as an error', async () => {
  await expect(appendLines(join(temporaryFolder(), 'none', 'out'), ['1'])).rejects.toThrow('ENOENT');
  if (existsSync('/dev/full')) await expect(appendLines('/dev/full', ['1'])).rejects.toThrow('ENOSPC');
});

async function lookFirst(path: string, lines: readonly string[]): Promise<void> {
  const lineBreak = read(path).endsWith('\n') ? '' : '\n';
  await delay(1);
  appendFileSync(path, `${lineBreak}${lines.join('\n')}\n`);
}
