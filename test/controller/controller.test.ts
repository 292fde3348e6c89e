import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SluiceEvent } from '../../src/model/events.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import {
  dropTemplate,
  makeTemplate,
  missing,
  namesOf,
  openWorld,
  type World,
  type WorldOptions,
} from '../support/world.ts';

const still = { members: 1000, list: 'l1' };
let world: World;
let redis: TestRedis | undefined;
let worlds = 0;

// What a queue does is not the question here, and the embedded one takes a while to open.
beforeAll(async () => {
  if (hasRedis()) redis = await startRedis({ args: ['--databases', '1000'] });
  else await makeTemplate();
}, 60_000);
afterAll(async () => {
  await redis?.stop();
  dropTemplate();
});
afterEach(async () => await world.close());

async function open(options: Partial<WorldOptions> = {}): Promise<World> {
  world = await openWorld({
    // A database of its own for each world.
    queue: redis ? `${redis.url}/${(worlds += 1)}` : 'embedded:',
    mailchimp: { lists: { l1: still.members, l2: 300 }, latencyMs: 5 },
    ...options,
  });
  return world;
}

const typesOf = (events: readonly SluiceEvent[]): string[] => events.map(({ type }) => type);
const find = <T extends SluiceEvent['type']>(type: T): Extract<SluiceEvent, { type: T }>[] =>
  world.events.filter((event): event is Extract<SluiceEvent, { type: T }> => event.type === type);

const pausedLabels = (): string[] => find('entry.paused').map((event) => event.entry.label);

/** Runs `go` until `work` is done, then asks it to quit. */
async function whileRunning(work: () => Promise<void>): Promise<number> {
  const running = world.go();
  try {
    await work();
  } finally {
    world.signal('SIGTERM');
  }
  return await running;
}

const untilEvent = async (type: SluiceEvent['type'], count = 1): Promise<void> =>
  void (await until(() => find(type).length >= count, { what: `${count} x ${type}` }));

async function deliveredIds(): Promise<string[]> {
  return (await world.jobs()).flatMap((job) => job.members.map(({ id }) => id));
}

describe('a forced reload', () => {
  test('publishes everything again when latest_timestamp is set to null', async () => {
    await open();
    world.writeState([{ list_id: 'l1' }]);
    await world.go({ once: true });
    const [entry] = world.readState();
    expect(entry).toMatchObject({ total_updates: 1000 });
    world.writeState([{ ...entry, latest_timestamp: null }]);
    await world.go({ once: true });
    const ids = await deliveredIds();
    expect(ids).toHaveLength(2000);
    expect(new Set(ids).size).toBe(1000);
  });

  test('happens at once while the controller runs, by an edit of the file', async () => {
    await open();
    world.writeState([{ list_id: 'l1' }]);
    const code = await whileRunning(async () => {
      await untilEvent('run.finished');
      world.writeState([{ ...world.readState()[0], latest_timestamp: null }]);
      await untilEvent('run.finished', 2);
    });
    expect(code).toBe(0);
    expect(await deliveredIds()).toHaveLength(2000);
  });
});

describe('edits in the middle of a run', () => {
  const slow = { mailchimp: { lists: { l1: 1000, l2: 300 }, latencyMs: 150 } };
  const entry = { list_id: 'l1', items_per_request: 50, worker_count: 2 };

  test('a changed cursor cancels the run, writes nothing for it, and runs again at once', async () => {
    await open(slow);
    world.writeState([entry]);
    await whileRunning(async () => {
      await untilEvent('page.confirmed', 2);
      world.writeState([{ ...entry, latest_timestamp: '2026-01-01T00:00:00Z' }]);
      await untilEvent('run.cancelled');
      await untilEvent('run.finished');
    });
    expect(find('run.cancelled')[0]?.reason).toBe('latest_timestamp was edited');
    expect(find('run.started').map(({ mode }) => mode)).toEqual(['LOAD', 'SYNC']);
    expect(world.readState()[0]?.['latest_timestamp']).not.toBe('2026-01-01T00:00:00Z');
  });

  test('a removed entry cancels the run and nothing is written', async () => {
    await open(slow);
    world.writeState([entry]);
    await whileRunning(async () => {
      await untilEvent('page.confirmed', 2);
      world.writeState([{ list_id: 'l2' }]);
      await untilEvent('run.cancelled');
      await untilEvent('run.finished');
    });
    expect(world.readState()).toMatchObject([{ list_id: 'l2', total_updates: 300 }]);
    expect(find('run.cancelled')[0]?.entry.label).toBe('list "l1"');
  });

  test('an added entry starts beside it, a moved one gets its own result, a note survives', async () => {
    await open(slow);
    world.writeState([entry]);
    await whileRunning(async () => {
      await untilEvent('page.confirmed', 2);
      world.writeState([
        { list_id: 'l2', note: 'new' },
        { ...entry, worker_count: 8, note: 'moved' },
      ]);
      await untilEvent('run.finished', 2);
    });
    expect(find('run.cancelled')).toEqual([]);
    expect(world.readState()).toMatchObject([
      { list_id: 'l2', note: 'new', total_updates: 300 },
      { list_id: 'l1', note: 'moved', worker_count: 8, total_updates: 1000 },
    ]);
    expect(find('page.read').some(({ worker }) => worker > 2)).toBe(true);
    expect(missing(world.simulator, 'l1', '2100-01-01T00:00:00Z', namesOf(await world.jobs()))).toEqual([]);
  });

  test('a broken file stops nothing; the result is written when the file is good again', async () => {
    await open(slow);
    world.writeState([entry]);
    const good = readFileSync(join(world.folder, 'state.json'), 'utf8');
    await whileRunning(async () => {
      await untilEvent('page.confirmed', 2);
      writeFileSync(join(world.folder, 'state.json'), '[ { "list_id": "l1", oops');
      await untilEvent('state.rejected');
      await until(() => find('page.confirmed').length >= 20, { what: 'the run to reach its end' });
      expect(readFileSync(join(world.folder, 'state.json'), 'utf8')).toBe('[ { "list_id": "l1", oops');
      expect(find('run.finished')).toEqual([]);
      writeFileSync(join(world.folder, 'state.json'), good);
      await untilEvent('run.finished');
    });
    expect(find('state.rejected')[0]?.problem).toMatchObject({ line: 1 });
    expect(typesOf(world.events)).toContain('state.accepted');
    expect(world.readState()).toMatchObject([{ ...entry, total_updates: 1000 }]);
  });

  test('a group that is paused as a whole is worth one line, and its services one each', async () => {
    await open();
    world.writeState([{ service: 'sisu', paused: true }, entry]);
    await whileRunning(async () => {
      await untilEvent('run.finished');
      expect(pausedLabels()).toEqual(['service "sisu"']);
      const names =
        find('entries.known')
          .at(-1)
          ?.entries.slice(0, 26)
          .map(({ id }) => id) ?? [];
      const paused = Object.fromEntries(names.map((name) => [name, true]));
      world.writeState([{ service: 'sisu', paused }, entry]);
      await untilEvent('entry.paused', 27);
    });
    expect(pausedLabels().slice(0, 3)).toEqual([
      'service "sisu"',
      'service "PERSON"',
      'service "ORGANISATION"',
    ]);
  });

  test('pausing drains the run; resuming goes on where it stopped', async () => {
    await open(slow);
    world.writeState([entry]);
    await whileRunning(async () => {
      await untilEvent('page.confirmed', 4);
      world.writeState([{ ...entry, paused: true }]);
      await untilEvent('run.drained');
      await untilEvent('entry.paused');
      world.writeState([entry]);
      await untilEvent('run.finished');
    });
    expect(find('run.started').map(({ resumed }) => resumed)).toEqual([false, true]);
    const ids = await deliveredIds();
    expect(new Set(ids).size).toBe(1000);
    // Pages in flight may come again; what the checkpoint knows does not.
    expect(ids.length).toBeLessThan(1000 + 4 * 50);
  });
});

describe('quitting', () => {
  test('drains a run in the middle, leaves it unfinished, and the next start finishes it', async () => {
    await open({ mailchimp: { lists: { l1: 2000 }, latencyMs: 100 } });
    world.writeState([{ list_id: 'l1', items_per_request: 50, worker_count: 2 }]);
    const code = await whileRunning(async () => await untilEvent('page.confirmed', 5));
    expect(code).toBe(0);
    expect(find('run.drained')).toHaveLength(1);
    expect(world.readState()[0]).not.toHaveProperty('latest_timestamp');
    const half = (await deliveredIds()).length;
    expect(half).toBeGreaterThanOrEqual(250);
    expect(half).toBeLessThan(2000);

    expect(await world.go({ once: true })).toBe(0);
    const ids = await deliveredIds();
    expect(new Set(ids).size).toBe(2000);
    expect(ids.length).toBeLessThan(2000 + 4 * 50);
    expect(world.readState()[0]).toMatchObject({ total_updates: ids.length });
  });

  test('is asked for by the file controller.quit, which is answered', async () => {
    await open();
    world.writeState([{ list_id: 'l2' }]);
    const running = world.go();
    await untilEvent('run.finished');
    writeFileSync(join(world.folder, 'controller.quit'), '');
    expect(await running).toBe(0);
    expect(existsSync(join(world.folder, 'controller.quit'))).toBe(false);
    expect(readFileSync(join(world.folder, 'controller.quit.done'), 'utf8')).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ controller\.quit\n$/,
    );
  });

  test('ends in time even when the queue and the source do not answer', async () => {
    await open({ mailchimp: { lists: { l1: 500 } }, env: { SLUICE_DRAIN_SECONDS: '1' } });
    world.simulator.setLatency(600_000);
    world.writeState([{ list_id: 'l1' }]);
    const running = world.go();
    await untilEvent('controller.checked');
    const asked = performance.now();
    world.signal('SIGTERM');
    expect(await running).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5000);
  });

  test('is one request however long it drains, and a second touch of the file is the second', async () => {
    await open({ mailchimp: { lists: { l1: 2000 }, latencyMs: 2500 } });
    world.writeState([{ list_id: 'l1', items_per_request: 50, worker_count: 2 }]);
    const running = world.go();
    await untilEvent('page.asked', 2);
    writeFileSync(join(world.folder, 'controller.quit'), '');
    expect(await running).toBe(0);
    // The two pages on their way were waited for, longer than the file is looked at.
    expect(find('page.confirmed')).toHaveLength(2);
    expect(find('quit.requested')).toHaveLength(1);

    const again = world.go();
    await untilEvent('page.asked', 4);
    writeFileSync(join(world.folder, 'controller.quit'), '');
    await untilEvent('quit.requested', 2);
    const later = new Date(Date.now() + 1000);
    utimesSync(join(world.folder, 'controller.quit'), later, later);
    expect(await again).toBe(143);
  });

  test('ends go --once within the drain too', async () => {
    await open({ mailchimp: { lists: { l1: 500 } }, env: { SLUICE_DRAIN_SECONDS: '1' } });
    world.simulator.setLatency(600_000);
    world.writeState([{ list_id: 'l1' }]);
    const running = world.go({ once: true });
    await untilEvent('controller.checked');
    const asked = performance.now();
    world.signal('SIGTERM');
    await running;
    expect(performance.now() - asked).toBeLessThan(5000);
  });

  test('a second request does not wait for the drain', async () => {
    await open({ mailchimp: { lists: { l1: 500 } }, env: { SLUICE_DRAIN_SECONDS: '60' } });
    world.simulator.setLatency(600_000);
    world.writeState([{ list_id: 'l1' }]);
    const running = world.go();
    await untilEvent('controller.checked');
    world.signal('SIGINT');
    world.signal('SIGINT');
    expect(await running).toBe(130);
  });
});

describe('the state file at a start', () => {
  test.each([
    ['not JSON', '[ { "list_id": "l1" '],
    ['empty', ''],
    ['not a list', '{}'],
  ])('%s is refused with line and column, and left as it is', async (_name, text) => {
    await open();
    writeFileSync(join(world.folder, 'state.json'), text);
    await expect(world.go({ once: true })).rejects.toThrow(/state\.json, line \d+, column \d+: /);
    expect(readFileSync(join(world.folder, 'state.json'), 'utf8')).toBe(text);
  });

  test('an invalid entry is reported by itself and the others run', async () => {
    await open();
    world.writeState([
      { list_id: 'l1', worker_count: 'eight' },
      { list_id: 'l2' },
      { service: 'nonsense' },
      { list_id: 'l1', items_per_request: 5000 },
    ]);
    expect(await world.go({ once: true })).toBe(1);
    expect(find('entry.invalid').map(({ problem }) => problem.message)).toEqual([
      expect.stringMatching(/^"worker_count" must be /),
      expect.stringMatching(/^"service" must be one of: "demo"/),
      expect.stringMatching(/^"items_per_request" must be at most 1000/),
    ]);
    expect(find('run.finished').map(({ entry }) => entry.label)).toEqual(['list "l2"']);
  });

  test('a typo in the name of a field is pointed out and the entry runs', async () => {
    await open();
    world.writeState([{ list_id: 'l2', worker_cuont: 3 }]);
    expect(await world.go({ once: true })).toBe(0);
    expect(find('notice').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('unknown field "worker_cuont": did you mean "worker_count"?'),
    );
  });

  test('an empty folder is seeded with an example that runs', async () => {
    await open();
    expect(await world.go({ once: true })).toBe(0);
    expect(find('run.finished').map(({ entry }) => entry.label)).toEqual(['service "demo"']);
    expect(readFileSync(join(world.folder, 'state.json'), 'utf8')).toMatch(/"latest_timestamp": "20/);
  });
});

test('a second controller is told who holds the folder', async () => {
  await open();
  world.writeState([{ list_id: 'l2' }]);
  await whileRunning(async () => {
    await untilEvent('run.finished');
    await expect(world.go({ once: true })).rejects.toThrow(
      /is held by sluice go, process \d+ on .+, since 20/,
    );
  });
});

test('several entries run at the same time, never more than the setting, and share ten connections', async () => {
  await open({
    mailchimp: { lists: { a: 800, b: 800, c: 800, d: 800, e: 800, f: 800 }, latencyMs: 30 },
    env: { SLUICE_PARALLEL_ENTRIES: '3' },
  });
  const lists = ['a', 'b', 'c', 'd', 'e', 'f'];
  world.writeState(lists.map((list_id) => ({ list_id, items_per_request: 50, worker_count: 8 })));
  expect(await world.go({ once: true })).toBe(0);
  let running = 0;
  let most = 0;
  for (const { type } of world.events) {
    if (type === 'run.started') running += 1;
    if (type === 'run.finished') running -= 1;
    most = Math.max(most, running);
  }
  expect(most).toBe(3);
  expect(world.simulator.requests.greatestOpen).toBe(10);
  expect(world.simulator.requests.byStatus).toEqual({ 200: world.simulator.requests.total });
});

test('settings apply when they are saved', async () => {
  await open({ mailchimp: { lists: { a: 1500, b: 1500 }, latencyMs: 60 } });
  writeFileSync(join(world.folder, 'settings.json'), '{ "parallel_entries": 1 }');
  world.writeState(['a', 'b'].map((list_id) => ({ list_id, items_per_request: 50, worker_count: 2 })));
  await whileRunning(async () => {
    await untilEvent('page.confirmed', 2);
    expect(find('run.started')).toHaveLength(1);
    writeFileSync(join(world.folder, 'settings.json'), '{ "parallel_entries": 2, "drain_secnods": 3 }');
    await untilEvent('run.started', 2);
    expect(find('run.finished')).toEqual([]);
  });
  expect(find('notice').map(({ message }) => message)).toContainEqual(
    expect.stringContaining('did you mean "drain_seconds"?'),
  );
});

describe('what a person asks of an entry', () => {
  test('run, pause, resume, set, reset and cancel are done and answered', async () => {
    // Through the controller itself: the screen is only its caller.
    await open({ mailchimp: { lists: { l1: 2000 }, latencyMs: 60 } });
    world.writeState([{ list_id: 'l1', items_per_request: 50, worker_count: 2 }]);
    await whileRunning(async () => {
      await untilEvent('page.confirmed', 2);
      const operator = world.operator();
      expect(await operator.command({ type: 'set', id: 'l1', fields: { worker_count: 6 } })).toMatchObject({
        done: true,
      });
      await until(() => find('page.read').some(({ worker }) => worker > 2), { what: 'more workers' });
      expect(await operator.command({ type: 'pause', ids: ['l1'] })).toMatchObject({ done: true });
      await untilEvent('run.drained');
      expect(world.readState()[0]).toMatchObject({ paused: true, worker_count: 6 });
      expect(await operator.command({ type: 'run', id: 'l1' })).toMatchObject({ done: false });
      await operator.command({ type: 'resume', ids: ['l1'] });
      await untilEvent('run.started', 2);
      await untilEvent('page.confirmed', find('page.confirmed').length + 1);
      expect(await operator.command({ type: 'cancel', id: 'l1' })).toMatchObject({ done: true });
      await untilEvent('run.cancelled');
      expect(await operator.command({ type: 'run', id: 'nobody' })).toMatchObject({ done: false });
      await operator.command({ type: 'resume', ids: ['l1'] });
      await untilEvent('run.finished');
      await operator.command({ type: 'run', id: 'l1' });
      await untilEvent('run.finished', 2);
      expect(await operator.preview({ type: 'reset', id: 'l1' })).toMatchObject({
        costs: [{ label: 'list "l1"', text: 'reads about 2,000 records again' }],
      });
      await operator.command({ type: 'reset', id: 'l1' });
      await untilEvent('run.finished', 3);
    });
    expect(find('run.started').map(({ mode, resumed }) => [mode, resumed])).toEqual([
      ['LOAD', false],
      ['LOAD', true],
      ['LOAD', false],
      ['SYNC', false],
      ['LOAD', false],
    ]);
  });
});

describe('go --once', () => {
  const slow = { mailchimp: { lists: { l1: 1000 }, latencyMs: 150 } };
  const entry = { list_id: 'l1', items_per_request: 50, worker_count: 2 };

  test('takes an edit in the middle of a run as go does: cancelled, and run again', async () => {
    await open(slow);
    world.writeState([entry]);
    const running = world.go({ once: true });
    await untilEvent('page.confirmed', 2);
    world.writeState([{ ...entry, latest_timestamp: '2026-01-01T00:00:00Z' }]);
    expect(await running).toBe(0);
    expect(find('run.cancelled')).toHaveLength(1);
    expect(find('run.finished')).toHaveLength(1);
  });

  test('exits with 1 and says so when a result could not be written', async () => {
    await open(slow);
    world.writeState([entry]);
    const running = world.go({ once: true });
    await untilEvent('page.confirmed', 2);
    writeFileSync(join(world.folder, 'state.json'), '[ { oops');
    expect(await running).toBe(1);
    expect(find('notice').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('could not be written into the state file; it is kept'),
    );
    world.writeState([entry]);
    expect(await world.go({ once: true })).toBe(0);
    expect(world.readState()[0]).toMatchObject({ total_updates: 1000 });
  });
});

test('an entry that is due again before its run is over rests until the next regular check', async () => {
  await open();
  world.writeState([{ list_id: 'l1', refresh_seconds: 1, items_per_request: 50, worker_count: 1 }]);
  await whileRunning(async () => {
    await untilEvent('run.finished');
    const finished = performance.now();
    // Woken by an edit that is no reason to run, well after the second is over.
    await until(() => performance.now() - finished > 1200);
    world.writeState([{ ...world.readState()[0], note: 'woken' }]);
    await untilEvent('state.changed');
    await until(() => performance.now() - finished > 1700);
  });
  expect(find('run.started')).toHaveLength(1);
});

test('a cursor in the future fails the entry instead of reading nothing for ever', async () => {
  await open();
  world.writeState([{ list_id: 'l2', latest_timestamp: '2062-11-21T00:00:00Z' }]);
  expect(await world.go({ once: true })).toBe(1);
  expect(find('run.failed')[0]?.error.message).toMatch(/lies in the future by the source's clock/);
  expect(world.readState()).toEqual([{ list_id: 'l2', latest_timestamp: '2062-11-21T00:00:00Z' }]);
});

describe('a source that refuses', () => {
  test('fails the entry with what to do, moves nothing, and an edit tries again at once', async () => {
    await open({ env: { MAILCHIMP_APIKEY: 'wrong-us1' } });
    world.writeState([{ list_id: 'l2' }]);
    await whileRunning(async () => {
      await untilEvent('run.failed');
      world.writeState([{ list_id: 'l2', note: 'tried again' }]);
      await untilEvent('run.failed', 2);
    });
    const [failed] = find('run.failed');
    expect(failed?.error.message).toMatch(/API Key Invalid/);
    expect(failed?.error.hint).toContain('MAILCHIMP_APIKEY');
    expect((failed?.retryAt ?? 0) - (failed?.at ?? 0)).toBeCloseTo(60_000, -3);
    expect(world.readState()).toEqual([{ list_id: 'l2', note: 'tried again' }]);
    expect(JSON.stringify(world.events)).not.toContain('wrong-us1');
  });

  test('a start_offset beyond the end is an error and nothing moves', async () => {
    await open();
    world.writeState([{ list_id: 'l2', start_offset: 300 }]);
    expect(await world.go({ once: true })).toBe(1);
    expect(find('run.failed')[0]?.error.message).toBe(
      'start_offset 300 lies beyond the 300 records there are',
    );
    expect(world.readState()).toEqual([{ list_id: 'l2', start_offset: 300 }]);
    expect(await world.jobs()).toEqual([]);
  });

  test('a start_offset leaves out the beginning of a full load', async () => {
    await open();
    world.writeState([{ list_id: 'l2', start_offset: 100 }]);
    expect(await world.go({ once: true })).toBe(0);
    expect(await deliveredIds()).toHaveLength(200);
  });
});
