import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { progressText } from '../../src/cli/progress-text.ts';
import { status } from '../../src/cli/status.ts';
import { serveControl } from '../../src/control/server.ts';
import { socketPath } from '../../src/control/socket-path.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { commandLine } from './command-line.ts';

const person = {
  id: 'PERSON',
  service: 'PERSON',
  state: 'load',
  cursor: 0,
  lastRun: null,
  nextRun: null,
  cause: null,
};

/** What `status` prints where a controller gives an answer. */
async function told(answer: readonly object[], args: readonly string[] = []): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'state.json'), '[]');
  const context = commandLine([...args, '--state', folder]);
  const path = socketPath(folder, context.temporary, context.user);
  const server = await serveControl(path, { '/status': () => answer });
  onTestFinished(() => server.close());
  expect(await status(context)).toBe(0);
  return context.printed();
}

describe('how far a run has got', () => {
  const progress = { read: 1200, published: 1000, total: null, ordinal: 248_002_796, waitingChunks: 2 };

  test('has a column while a run is on, and none where none is', async () => {
    const text = await told([{ ...person, group: 'sisu', progress }]);
    expect(text).toMatch(/^ENTRY +IN +STATE +CURSOR +PROGRESS +LAST RUN/m);
    expect(text).toMatch(/^PERSON +sisu +load +0 +1,000 done, at ordinal 248002796, 2 chunks wait +- /m);
    expect(await told([{ ...person, group: 'sisu', progress: null }])).not.toContain('PROGRESS');
  });

  test('is a field of --json', async () => {
    const [found] = JSON.parse(await told([{ ...person, group: null, progress }], ['--json']));
    expect(found).toEqual({ ...person, group: null, progress });
  });

  test('is a share of what there is, where that is known; never all of it while the run is on', () => {
    const list = { read: 9990, published: 7200, total: 10_000, ordinal: null, waitingChunks: 0 };
    expect(progressText(list)).toBe('72 %, 7,200 of 10,000');
    expect(progressText({ ...list, published: 10_001 })).toBe('99 %, 10,001 of 10,000');
    expect(progressText({ ...list, published: 0, total: 0 })).toBe('0 %, 0 of 0');
    expect(progressText({ ...list, total: null })).toBe('asking the source');
    expect(progressText({ ...list, waitingChunks: 1 })).toBe('72 %, 7,200 of 10,000, 1 chunk waits');
  });
});

test('a controller that runs since before an update is understood: what it does not know is not there', async () => {
  expect(await told([person])).toMatch(/^ENTRY +STATE +CURSOR +LAST RUN.*\nPERSON +load +0 /m);
});
