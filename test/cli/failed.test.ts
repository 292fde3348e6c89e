import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { failed } from '../../src/cli/failed.ts';
import { letterRoutes } from '../../src/cli/open-letters.ts';
import { readQueues } from '../../src/cli/queue-status.ts';
import { serveControl } from '../../src/control/server.ts';
import { socketPath } from '../../src/control/socket-path.ts';
import { LockedError, SettingError } from '../../src/model/errors.ts';
import type { DeadLetter, SinkPlace } from '../../src/model/record.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { consumeWith, deadPerson, importer, lettersOn, openQueue } from '../support/letters.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { openIn } from '../support/store-folder.ts';
import { until } from '../support/until.ts';
import { openWorld } from '../support/world.ts';
import { unprintable } from '../view/hostile.ts';
import { commandLine, type CommandLine } from './command-line.ts';

const at = Date.UTC(2026, 10, 21, 10, 0, 0);

/** A state folder with dead letters: a keyless one of a list, and two of PERSON. */
function folderWith(...more: readonly DeadLetter[]): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'state.json'), '[]');
  withStore(folder, (store) => {
    store.entries.replace([{ identity: 'e1', raw: { service: 'sisu', latest_ordinal: { PERSON: 7 } } }]);
    const keyless = { service: 'lists', key: undefined, reason: 'the record has no id', payload: { a: 1 } };
    store.deadLetters.add('r1', [keyless], at, importer);
    store.deadLetters.add('r1', [deadPerson('a'), ...more], at + 60_000, importer);
    store.deadLetters.add('r1', [deadPerson('b', { reason: 'too long' })], at + 120_000, importer);
  });
  return folder;
}

/** A newer version of person `a` was published since. */
function overtakenFolder(): string {
  const folder = folderWith();
  withStore(folder, ({ deadLetters }) => deadLetters.overtake(importer, ['a', 'z']));
  return folder;
}

function withStore<T>(folder: string, work: (store: Store) => T): T {
  const store = openStore({ folder, command: 'test', pid: 1, now: 0 });
  try {
    return work(store);
  } finally {
    store.close();
  }
}

function keysIn(folder: string): readonly (string | undefined)[] {
  return withStore(folder, ({ deadLetters }) => deadLetters.list().map(({ key }) => key));
}

async function run(
  folder: string,
  args: readonly string[],
  { env = {}, answer }: { env?: Record<string, string>; answer?: boolean } = {},
): Promise<CommandLine & { readonly code: number }> {
  const context = {
    ...commandLine(['--state', folder, ...args], env),
    confirm: () => Promise.resolve(answer),
  };
  return { ...context, code: await failed(context) };
}

async function json(folder: string, ...args: readonly string[]): Promise<unknown> {
  return JSON.parse((await run(folder, ['--json', ...args])).printed());
}

describe('failed list', () => {
  test('prints each letter, the newest first, and no payload', async () => {
    const { printed, code } = await run(folderWith(), ['list']);
    expect(code).toBe(0);
    expect(printed()).toBe(
      [
        'ID  SERVICE  ENTRY  KEY  ATTEMPTS  FIRST                 LAST                  REASON',
        '3   PERSON          b    3         2026-11-21T10:02:00Z  2026-11-21T10:02:00Z  too long',
        '2   PERSON          a    3         2026-11-21T10:01:00Z  2026-11-21T10:01:00Z  TypeError: metadata of a is missing',
        '1   lists           -    1         2026-11-21T10:00:00Z  2026-11-21T10:00:00Z  the record has no id',
        '',
      ].join('\n'),
    );
  });

  test('with --json gives the documented objects (S22)', async () => {
    const folder = folderWith();
    expect(await json(folder, 'list', '--service', 'lists')).toEqual([
      {
        id: 1,
        service: 'lists',
        key: null,
        reason: 'the record has no id',
        attempts: 1,
        first: '2026-11-21T10:00:00Z',
        last: '2026-11-21T10:00:00Z',
      },
    ]);
    expect(await json(folder)).toHaveLength(3);
  });

  test.each([
    [['--reason', 'METADATA'], [2]],
    [
      ['--since', '2026-11-21T10:01:00Z'],
      [3, 2],
    ],
    [['--since', '2026-11-22'], []],
    [
      ['--since', '36500d'],
      [3, 2, 1],
    ],
    [['--service', 'PERSON', '--reason', 'long'], [3]],
    [['--entry', 'nobody'], []],
  ])('filters by %j', async (args, ids) => {
    expect(await json(folderWith(), 'list', ...args)).toMatchObject(ids.map((id) => ({ id })));
  });

  test('without letters says so, with an exit code of 0', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'state.json'), '[]');
    const { printed, code } = await run(folder, []);
    expect([code, printed()]).toEqual([0, 'no dead letters\n']);
  });

  test('by an entry means also the services of a group in the file', async () => {
    const folder = folderWith();
    withStore(folder, (store) => {
      const span = { kind: 'chained', since: 0, intended: undefined, overlapFrom: undefined } as const;
      const begun = { id: 'r9', entry: 'e1/PERSON', label: 'service "PERSON"', mode: 'LOAD', span } as const;
      const totals = { read: 0, published: 0, requests: 0, reread: 0, deadLetters: 0, bytes: 0, seconds: 0 };
      const none = { ignored: 0, retried: 0, slowestMs: 0 };
      const waitedMs = { source: 0, queue: 0, workers: 0, quota: 0 };
      const all = { ...totals, ...none, waitedMs };
      store.runs.begin({ ...begun, frozen: {}, cursorTo: 0, started: 1, totals: all });
      store.deadLetters.add('r9', [deadPerson('z')], at, importer);
    });
    expect(await json(folder, 'list', '--entry', 'sisu')).toMatchObject([{ key: 'z' }]);
    expect(await json(folder, 'list', '--entry', 'PERSON')).toMatchObject([{ key: 'z' }]);
  });
});

describe('failed show', () => {
  const hostile = { id: 'x', note: 'Ann\u001B]0;you\u0007\u202E', key: 'planted-key-us1' };

  test('prints the record and all that is known of it; outside data moves no cursor and shows no key', async () => {
    const folder = folderWith(deadPerson('x', { payload: hostile, reason: 'bad \u001B[31m' }));
    const { printed } = await run(folder, ['show', '3'], { env: { MAILCHIMP_APIKEY: 'planted-key-us1' } });
    expect(printed()).toBe(
      [
        'dead letter 3',
        '  service    PERSON',
        '  key        x',
        '  reason     bad \\x1b[31m',
        '  attempts   3, first 2026-11-21T10:01:00Z, last 2026-11-21T10:01:00Z',
        '  bound for  queue importer-queue, job ORI_PERSON_CHANNEL, processed',
        '  run        r1',
        '  chunk      r0123456789a-4-0-x',
        '  retries    0',
        'stack',
        '  TypeError: metadata is missing',
        '      at store (consumer.js:3:1)',
        'payload',
        '  {',
        '    "id": "x",',
        '    "note": "Ann\\u001b]0;you\\u0007\\u202e",',
        '    "key": "***"',
        '  }',
        '',
      ].join('\n'),
    );
    for (const line of printed().split('\n')) expect(line).not.toMatch(unprintable);
  });

  test('with --json gives one object with the record in it', async () => {
    expect(await json(folderWith(), 'show', '2')).toMatchObject([
      { id: 2, key: 'a', payload: { id: 'a', name: 'Ann' }, queue: 'importer-queue', retrying: false },
    ]);
  });

  test('says of a letter without a key why it cannot be retried', async () => {
    expect((await run(folderWith(), ['show', '1'])).printed()).toContain('no retry   it has no key');
  });

  test('of one that is not there is an error', async () => {
    await expect(run(folderWith(), ['show', '77'])).rejects.toThrow('there is no dead letter 77');
  });
});

describe('failed drop', () => {
  test('asks, and drops nothing without a yes', async () => {
    const folder = folderWith();
    expect((await run(folder, ['drop', '2'], { answer: false })).code).toBe(1);
    expect(keysIn(folder)).toHaveLength(3);
    const { printed, code } = await run(folder, ['drop', '2'], { answer: true });
    expect([code, printed()]).toEqual([
      0,
      '1 dead letter to drop: what is dropped is gone for good\n1 dead letter dropped\n',
    ]);
    expect(keysIn(folder)).toEqual(['b', undefined]);
  });

  test('needs --yes where nobody can be asked', async () => {
    const folder = folderWith();
    await expect(run(folder, ['drop', '--service', 'PERSON'])).rejects.toThrow('this needs a yes');
    expect((await run(folder, ['drop', '--service', 'PERSON', '--yes'])).code).toBe(0);
    expect(keysIn(folder)).toEqual([undefined]);
  });

  test.each([
    [['drop'], 'which dead letters?'],
    [['retry'], 'which dead letters?'],
    [['drop', '2', '--all'], 'ids, or a choice'],
    [['drop', 'x'], '"x" is no dead letter'],
    [['drop', '2', '77', '--yes'], 'there is no dead letter 77'],
    [['list', '--since', 'yesterday'], '--since yesterday is no time'],
    [['list', '2'], 'failed list takes no 2'],
    [['show'], 'which one?'],
    [['frobnicate'], 'failed frobnicate: unknown'],
  ])('failed %j is refused, and nothing is dropped', async (args, message) => {
    const folder = folderWith();
    await expect(run(folder, args)).rejects.toSatisfy(
      (error) => error instanceof SettingError && error.message.includes(message),
    );
    expect(keysIn(folder)).toHaveLength(3);
  });

  test('of a folder that somebody else holds is told by whom', async () => {
    const folder = folderWith();
    const holder = openStore({ folder, command: 'undo', pid: 7, now: 0 });
    onTestFinished(() => holder.close());
    const context = { ...commandLine(['--state', folder, 'list']), clock: createFastClock(20) };
    await expect(failed(context)).rejects.toBeInstanceOf(LockedError);
    expect(context.warned()).toEqual([expect.stringContaining('is held by sluice undo, process 7')]);
  });
});

describe('failed retry', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    if (hasRedis()) redis = await startRedis();
  });
  afterAll(async () => await redis?.stop());
  beforeEach(async (context) => {
    if (!hasRedis()) context.skip('no redis-server on PATH');
    const queue = await openQueue(redis.url);
    await queue.queue(importer.queue).obliterate(AbortSignal.timeout(5000));
  });
  const env = (wait = '20') => ({ QUEUE_URL: redis.url, SLUICE_CONFIRM_WAIT_SECONDS: wait });

  test('publishes without a controller, waits for the consumer and says what became of each', async () => {
    const folder = folderWith();
    consumeWith(await openQueue(redis.url), (data) =>
      JSON.stringify(data).includes('"b"') ? 'still too long' : undefined,
    );
    const { printed, code } = await run(folder, ['retry', '--all', '--yes'], { env: env() });
    expect(code).toBe(1);
    expect(printed()).toContain('1 cannot be retried: it has no key');
    expect(printed()).toContain('2 dead letters to publish again');
    expect(printed()).toContain('3 died again: still too long');
    expect(printed()).toContain('1 dead letter delivered');
    expect(keysIn(folder)).toEqual(['b', undefined]);
  });

  test('one that is named needs no yes; delivered it is gone', async () => {
    const folder = folderWith();
    consumeWith(await openQueue(redis.url));
    const { printed, code } = await run(folder, ['retry', '2'], { env: env() });
    expect([code, printed()]).toEqual([0, 'waiting for consumers, at most 20 s\n1 dead letter delivered\n']);
    expect(keysIn(folder)).toEqual(['b', undefined]);
  });

  test('asks where a newer version was published since', async () => {
    const folder = overtakenFolder();
    const { printed, code } = await run(folder, ['retry', '2'], { env: env(), answer: false });
    expect(code).toBe(1);
    expect(printed()).toBe(
      '1 is older than what was published since: a consumer that compares no versions goes back\n' +
        '1 dead letter to publish again\nnothing was changed\n',
    );
    expect(keysIn(folder)).toHaveLength(3);
  });

  test('does not ask where the only consumer keeps the newest version, whatever comes later', async () => {
    const folder = overtakenFolder();
    const inside = { QUEUE_URL: 'embedded:', CONSUME_TO: 'postgres://sisu@127.0.0.1/sisu' };
    expect((await run(folder, ['retry', '2'], { env: inside, answer: false })).printed()).not.toContain(
      'older',
    );
    expect(withStore(folder, ({ deadLetters }) => deadLetters.underWay())).toEqual([2]);
  });

  test('on the embedded queue without a controller says at once who can take it, and notes it for the next go', async () => {
    const folder = folderWith();
    const began = performance.now();
    const { printed, code } = await run(folder, ['retry', '2'], { env: { QUEUE_URL: 'embedded:' } });
    expect(performance.now() - began).toBeLessThan(5000);
    expect(code).toBe(1);
    expect(printed()).toBe(
      'the embedded queue is inside the controller, and none runs: start ./run.sh go\n' +
        'nobody would take the jobs of importer-queue there: ' +
        'set "consume": "importer-queue" in state/settings.json and CONSUME_TO in .env\n' +
        '1 dead letter on the way: no consumer has finished it yet; ./run.sh go goes on watching\n',
    );
    expect(existsSync(join(folder, 'queue'))).toBe(false);
    expect(withStore(folder, ({ deadLetters }) => deadLetters.underWay())).toEqual([2]);
  });

  test('without a consumer says that it is on its way, and the next go follows it', async () => {
    const folder = folderWith();
    const { printed, code } = await run(folder, ['retry', '2'], { env: env('3') });
    expect(code).toBe(1);
    expect(printed()).toContain(
      'no worker is on importer-queue: start its consumers; ./run.sh consume importer-queue --to ... is one\n',
    );
    expect(printed()).toContain('1 dead letter on the way: no consumer has finished it yet');
    expect((await run(folder, ['list'])).printed()).toContain('(on its way again) TypeError');
    const queue = await openQueue(redis.url);
    consumeWith(queue);
    const { retries, book } = lettersOn(openIn(folder), queue);
    await retries.idle();
    expect(book.list({}).map(({ key }) => key)).toEqual(['b', null]);
  });

  test('with a controller on the folder the controller does it', async () => {
    const folder = folderWith();
    const queue = await openQueue(redis.url);
    const taken = consumeWith(queue, (data) => (JSON.stringify(data).includes('"b"') ? 'no' : undefined));
    const { book } = lettersOn(openIn(folder), queue);
    const context = commandLine(['--state', folder, '--json', 'retry', '--all', '--yes'], env());
    const path = socketPath(folder, context.temporary, context.user);
    const server = await serveControl(path, letterRoutes(book));
    onTestFinished(() => server.close());
    expect(await failed(context)).toBe(1);
    expect(JSON.parse(context.printed())).toEqual([
      { id: 1, outcome: 'refused', reason: expect.stringContaining('it has no key') },
      { id: 3, outcome: 'failed', reason: 'no' },
      { id: 2, outcome: 'delivered', reason: null },
    ]);
    expect(new Set(taken.map(({ id }) => id)).size).toBe(2);
    const drop = { ...context, args: ['--state', folder, 'drop', '3', '--yes'] };
    expect(await failed(drop)).toBe(0);
    expect(book.list({}).map(({ id }) => id)).toEqual([1]);
  });

  test('with a controller that nobody works for says so at once', async () => {
    const folder = folderWith();
    const queue = await openQueue(redis.url);
    const { book } = lettersOn(openIn(folder), queue);
    const context = commandLine(['--state', folder, 'retry', '2'], env('3'));
    const path = socketPath(folder, context.temporary, context.user);
    const queues = { '/queues': () => readQueues(queue, AbortSignal.timeout(5000)) };
    const server = await serveControl(path, { ...letterRoutes(book), ...queues });
    onTestFinished(() => server.close());
    expect(await failed(context)).toBe(1);
    expect(context.printed()).toBe(
      'no worker is on importer-queue: start its consumers; ./run.sh consume importer-queue --to ... is one\n' +
        '1 dead letter on the way: no consumer has finished it yet; ./run.sh go goes on watching\n',
    );
  });

  test('with a queue that is down says so and leaves it on its way', async () => {
    const folder = folderWith();
    const down = { QUEUE_URL: 'redis://127.0.0.1:1', SLUICE_CONFIRM_WAIT_SECONDS: '2' };
    const { printed, code } = await run(folder, ['retry', '2'], { env: down });
    expect(code).toBe(1);
    expect(printed()).toMatch(/redis:\/\/127\.0\.0\.1:1 is down: .*ECONNREFUSED/);
    expect(withStore(folder, ({ deadLetters }) => deadLetters.underWay())).toEqual([2]);
  });
});

test('a running go lists, retries and drops them, and goes on with what was on its way', async (context) => {
  if (!hasRedis()) context.skip('no redis-server on PATH');
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const world = await openWorld({ queue: redis.url, mailchimp: { lists: {} } });
  onTestFinished(() => world.close());
  world.writeState([]);
  withStore(world.folder, ({ deadLetters }) => {
    deadLetters.add('r1', [deadPerson('a'), deadPerson('b'), deadPerson('c')], at, importer);
    deadLetters.begin(1, 'r0123456789a-4-0-a-r1');
  });
  const queue = await openQueue(redis.url);
  const taken = consumeWith(queue);
  const ended = world.go();
  await until(() => taken.some(({ id }) => id === 'r0123456789a-4-0-a-r1'));
  await until(() => world.operator().letters.counts().get('') === 2);
  const on = (...args: readonly string[]) => ({
    ...commandLine(['--state', world.folder, ...args], { QUEUE_URL: redis.url }),
    temporary: tmpdir(),
    user: 0,
  });
  const retry = on('retry', '2');
  expect(await failed(retry)).toBe(0);
  expect(retry.printed()).toBe('1 dead letter delivered\n');
  expect(await failed(on('drop', '3', '--yes'))).toBe(0);
  expect(world.operator().letters.list({})).toEqual([]);
  const notices = world.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  expect(notices).toContain('dead letter 1 (a) was retried and was delivered');
  world.signal('SIGTERM');
  expect(await ended).toBe(0);
});

test('a place is kept with the letter as the run had it', () => {
  const folder = temporaryFolder();
  const list: SinkPlace = { queue: 'lists', job: '1a2d', grade: 'queued' };
  withStore(folder, (store) => {
    store.deadLetters.add('r1', [deadPerson('a')], 1, list);
    expect(store.deadLetters.find(1)?.place).toEqual(list);
  });
});
