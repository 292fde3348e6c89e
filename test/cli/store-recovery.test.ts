import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { go } from '../../src/cli/go.ts';
import { status } from '../../src/cli/status.ts';
import type { SluiceEvent } from '../../src/model/events.ts';
import { listAside } from '../../src/store/aside.ts';
import { damages, filledFolder } from '../support/damage-store.ts';
import { storeFolder } from '../support/store-folder.ts';
import { commandLine } from './command-line.ts';

// A database that was lost: said clearly once by go, and by check and status for as long as the old one lies there.

const entry = '{ "list_id": "1a2d", "latest_timestamp": "2026-11-21T10:00:00Z", "paused": true }';

function withState(folder: string, state: string): string {
  writeFileSync(join(folder, 'state.json'), state);
  return folder;
}

/** What a start of `go` tells before anything runs. @throws what go throws */
async function start(folder: string, notices: SluiceEvent[] = []): Promise<readonly SluiceEvent[]> {
  const context = commandLine(['--state', folder], { QUEUE_URL: 'redis://127.0.0.1:1' });
  await go({
    ...context,
    onSignal(listener) {
      listener('SIGTERM');
      return () => {};
    },
    openViews: () =>
      Promise.resolve({
        show: (event) => void (event.type === 'notice' && notices.push(event)),
        attach: () => {},
        isLent: () => false,
        close: () => Promise.resolve(),
      }),
  });
  return notices;
}

test('a damaged database is told once by go, as an error that says what was lost and what was not', async () => {
  const folder = withState(filledFolder(), `[${entry}]`);
  damages.find(([name]) => name === 'has a run that is none')?.[2](folder);
  const before = readFileSync(join(folder, 'state.json'), 'utf8');
  const [notice, ...others] = await start(folder);
  expect(others).toEqual([]);
  const [aside] = listAside(folder);
  expect(notice).toMatchObject({
    level: 'error',
    topic: 'state',
    message:
      `sluice.db was damaged (it holds what Sluice never wrote). It is kept as ${aside?.name ?? ''}, and a new one was made. ` +
      'No data is lost: entries go on from their cursors, unfinished runs start over. ' +
      'Saved from it: 100 dead letters and 1 run of the history; what else it held is only in that file',
  });
  expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe(before);
  expect(await start(folder)).toEqual([]);
});

test('a damaged database is told also when the state file cannot be used, before that ends the start', async () => {
  const folder = withState(filledFolder(), '[{');
  writeFileSync(join(folder, 'sluice.db'), 'text');
  const notices: SluiceEvent[] = [];
  await expect(start(folder, notices)).rejects.toThrow('expected');
  expect(notices).toMatchObject([
    { level: 'error', message: expect.stringContaining('Saved from it: 0 dead letters and 0 runs') },
  ]);
});

test('a database that is missing is told by one line when the state file shows that it was used', async () => {
  const folder = withState(filledFolder(), `[${entry}]`);
  rmSync(join(folder, 'sluice.db'));
  expect(await start(folder)).toMatchObject([
    {
      level: 'info',
      message: expect.stringMatching(/^sluice\.db was not there and is made anew: entries go on/),
    },
  ]);
  expect(await start(folder)).toEqual([]);
});

test('a database that is missing where nothing was synced yet is no news', async () => {
  expect(await start(withState(storeFolder(), '[{ "list_id": "1a2d", "paused": true }]'))).toEqual([]);
});

test('check and status say that a damaged database lies there, until it is removed', async () => {
  const folder = withState(filledFolder(), '[]');
  writeFileSync(join(folder, 'sluice.db'), 'text');
  const environment = { QUEUE_URL: 'embedded:' };
  const say = async (command: typeof check): Promise<string> => {
    const context = commandLine(['--state', folder], environment);
    await command(context);
    return context.printed();
  };
  // Whoever opens it first puts it aside.
  expect(await say(status)).toMatch(
    /^no controller is running\nsluice\.db was damaged, and at 20.+Z put aside as sluice/,
  );
  const [aside] = listAside(folder);
  const line = new RegExp(
    `ok {4}.*sluice\\.db: sluice\\.db was damaged, and at .+ put aside as ${aside?.name ?? ''}: `,
  );
  expect(await say(check)).toMatch(line);
  rmSync(join(folder, aside?.name ?? ''));
  expect(await say(status)).not.toContain('damaged');
  expect(await say(check)).not.toContain('damaged');
  const json = commandLine(['--state', folder, '--json'], environment);
  await status(json);
  expect(JSON.parse(json.printed())).toEqual([]);
});
