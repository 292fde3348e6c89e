import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, type TestContext } from 'vitest';
import type { SluiceEvent } from '../../src/model/events.ts';
import { type Mounted, mountFile, mountOver } from '../support/mounted.ts';
import { describeWithRedis, hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { openWorld, type World, type WorldOptions } from '../support/world.ts';

// The whole program on file systems that really are full, read-only or mounted wrongly.

let world: World;
let redis: TestRedis | undefined;

// No embedded queue: it would lie on the same disk.
beforeAll(async () => {
  if (hasRedis()) redis = await startRedis();
});
afterAll(async () => await redis?.stop());

/** Closed behind whatever the test mounts in it later on. */
async function open(options: WorldOptions): Promise<void> {
  world = await openWorld(options);
  onTestFinished(() => world.close());
}

const find = <T extends SluiceEvent['type']>(type: T): Extract<SluiceEvent, { type: T }>[] =>
  world.events.filter((event): event is Extract<SluiceEvent, { type: T }> => event.type === type);
const untilEvent = async (type: SluiceEvent['type'], count = 1): Promise<void> =>
  void (await until(() => find(type).length >= count, { what: `${count} x ${type}`, ms: 20_000 }));
const errors = (): string[] =>
  find('notice').flatMap(({ level, message }) => (level === 'error' ? [message] : []));
/** A queue of the test's own: another database of the same Redis. */
const queueUrl = (): string => `${redis?.url ?? ''}/${(queues += 1)}`;
let queues = 0;
/** Any change of a watched file is a reason to check at once. */
const nudge = (): void =>
  writeFileSync(join(world.folder, 'settings.json'), `{}${' '.repeat((nudges += 1))}`);
let nudges = 0;

const entry = { list_id: 'l1', items_per_request: 50, worker_count: 2 };

/** A state file that lies, by a link, on a file system of its own. */
async function openApart(context: TestContext): Promise<Mounted> {
  await open({ queue: queueUrl(), mailchimp: { lists: { l1: 300 }, latencyMs: 30 } });
  const apart = join(world.folder, 'apart');
  mkdirSync(apart);
  const disk = mountOver(context, apart);
  world.writeState([entry]);
  writeFileSync(join(apart, 'state.json'), readFileSync(join(world.folder, 'state.json')));
  renameSync(join(world.folder, 'state.json'), join(world.folder, 'old.json'));
  symlinkSync('apart/state.json', join(world.folder, 'state.json'));
  return disk;
}

describeWithRedis('a state file that cannot be written at the end of a run', () => {
  test('waits: told with what to do, written as soon as there is room, and read once', async (context) => {
    const disk = await openApart(context);
    const running = world.go();
    await untilEvent('page.confirmed');
    disk.fill();
    await until(() => errors().length > 0, { what: 'an error that says so' });
    expect(errors()).toEqual([
      expect.stringMatching(
        /kept and written later: .*state\.json could not be written: the disk is full.*Free some space/,
      ),
    ]);
    expect(world.readState()).toEqual([entry]);
    disk.free();
    nudge();
    await untilEvent('run.finished');
    world.signal('SIGTERM');
    expect(await running).toBe(0);
    expect(world.readState()).toMatchObject([{ ...entry, total_updates: 300 }]);
    expect(find('run.started')).toHaveLength(1);
    expect(readdirSync(join(world.folder, 'apart'))).toEqual(['state.json']);
    expect(lstatSync(join(world.folder, 'state.json')).isSymbolicLink()).toBe(true);
  });

  test('outlives the process: the next start writes it and reads nothing', async (context) => {
    const disk = await openApart(context);
    disk.setReadOnly(true);
    expect(await world.go({ once: true })).toBe(1);
    expect(errors()).toEqual([
      expect.stringMatching(/the file system is read-only.*Mount the state folder writable/),
      expect.stringContaining('it is kept and written at the next start'),
    ]);
    expect(world.readState()).toEqual([entry]);
    disk.setReadOnly(false);
    expect(await world.go({ once: true })).toBe(0);
    expect(world.readState()).toMatchObject([{ ...entry, total_updates: 300 }]);
    expect(find('run.started')).toHaveLength(1);
  });

  test('that was mounted by itself says to mount the folder', async (context) => {
    await open({ queue: queueUrl(), mailchimp: { lists: { l1: 300 } } });
    world.writeState([entry]);
    const path = join(world.folder, 'state.json');
    const unmount = mountFile(context, path, path);
    expect(await world.go({ once: true })).toBe(1);
    expect(errors()[0]).toContain('Mount the folder, not the file');
    unmount();
    expect(await world.go({ once: true })).toBe(0);
    expect(world.readState()).toMatchObject([{ ...entry, total_updates: 300 }]);
  });
});

describeWithRedis('a full disk under sluice.db', () => {
  test('stops the run, which says so, and it goes on where it was when there is room', async (context) => {
    await open({ queue: queueUrl(), mailchimp: { lists: { l1: 2000 }, latencyMs: 30 } });
    const disk = mountOver(context, world.folder, '4m');
    world.writeState([entry]);
    const running = world.go();
    await untilEvent('page.confirmed', 5);
    disk.fill();
    await untilEvent('run.failed');
    expect(find('run.failed')[0]?.error.message).toMatch(/\bfull\b/);
    expect(world.readState()).toEqual([entry]);
    const confirmed = find('page.confirmed').length;

    disk.free();
    // Any edit of the entry is a reason to try again at once (S2).
    const edited = { ...entry, worker_count: 3 };
    world.writeState([edited]);
    await untilEvent('run.finished');
    world.signal('SIGTERM');
    expect(await running).toBe(0);
    expect(find('run.started').map(({ resumed }) => resumed)).toEqual([false, true]);
    const ids = (await world.jobs()).flatMap((job) => job.members.map(({ id }) => id));
    expect(new Set(ids).size).toBe(2000);
    // It goes on behind the last checkpoint that had room; what was published since comes again.
    expect(find('run.window')[1]?.total).toBeLessThan(2000);
    expect(ids.length).toBeLessThan(2000 + confirmed * 50);
    expect(world.readState()).toMatchObject([
      { ...edited, latest_timestamp: find('run.finished')[0]?.cursor },
    ]);
  });
});
