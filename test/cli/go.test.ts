import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CliContext } from '../../src/cli/context.ts';
import { go } from '../../src/cli/go.ts';
import { SettingError } from '../../src/model/errors.ts';
import type { SluiceEvent } from '../../src/model/events.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { commandLine } from './command-line.ts';

interface Go {
  readonly context: CliContext;
  readonly folder: string;
  /** What happened: events by type, and what was opened and closed around them. */
  readonly happened: string[];
  readonly events: SluiceEvent[];
}

/** `go` on a folder with one list that cannot be reached, and a queue that is down: both open at once. */
function prepare(change: (context: CliContext, happened: string[]) => Partial<CliContext> = () => ({})): Go {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'state.json'), '[{ "list_id": "a" }]');
  const happened: string[] = [];
  const events: SluiceEvent[] = [];
  const context: CliContext = {
    ...commandLine(['--state', folder], {
      QUEUE_URL: 'redis://127.0.0.1:1',
      MAILCHIMP_URL: 'http://127.0.0.1:1/3.0',
      MAILCHIMP_APIKEY: 'key-us1',
    }),
    onSignal: () => () => void happened.push('(signals are nobody’s again)'),
    openViews: () =>
      Promise.resolve({
        show: (event) => {
          events.push(event);
          happened.push(event.type);
        },
        attach: () => {},
        isLent: () => false,
        close: () => {
          happened.push('(views closed)');
          return Promise.resolve();
        },
      }),
  };
  return { context: { ...context, ...change(context, happened) }, folder, happened, events };
}

test('a signal that comes while everything is still being opened ends it before anything runs', async () => {
  const { context, folder, happened } = prepare((_context, done) => ({
    onSignal: (listener) => {
      listener('SIGTERM');
      return () => void done.push('(signals are nobody’s again)');
    },
  }));
  expect(await go(context)).toBe(0);
  expect(happened).toEqual([
    'controller.started',
    'controller.stopped',
    '(views closed)',
    '(signals are nobody’s again)',
  ]);
  expect(readFileSync(join(folder, 'controller.quit.done'), 'utf8')).toMatch(/ SIGTERM\n$/);
});

test('signals are heard until everything is closed, also when the start fails', async () => {
  const { context, folder, happened } = prepare();
  writeFileSync(join(folder, 'state.json'), '[{');
  await expect(go(context)).rejects.toThrow('expected');
  expect(happened).toEqual(['(views closed)', '(signals are nobody’s again)']);
});

test('a control socket that cannot be made is told, and is no reason not to sync', async () => {
  const { context, folder, events } = prepare(() => ({ onSignal: stopped }));
  // A folder in its place cannot be removed like a dead socket, nor listened on.
  mkdirSync(join(folder, 'control.sock'));
  expect(await go(context)).toBe(0);
  expect(events.find(({ type }) => type === 'notice')).toMatchObject({
    level: 'warn',
    topic: 'control',
    message: expect.stringMatching(/^other commands cannot reach this controller: /),
  });
});

test.each([['--one'], ['now'], ['--once=yes']])(
  '%s is refused before anything is opened',
  async (argument) => {
    const { context, happened } = prepare();
    await expect(go({ ...context, args: [argument] })).rejects.toBeInstanceOf(SettingError);
    expect(happened).toEqual([]);
  },
);

/** A person who is done at once. */
function stopped(listener: (name: string) => void): () => void {
  listener('SIGTERM');
  return () => {};
}
