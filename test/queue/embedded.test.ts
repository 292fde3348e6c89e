import { spawn } from 'node:child_process';
import { fsyncSync } from 'node:fs';
import { access, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPostgresBackend, withBackend } from 'bullmq';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { DurableFiles } from '../../src/queue/durable-files.ts';
import type { QueueStore } from '../../src/queue/contract.ts';
import { type EmbeddedStore, openEmbeddedStore } from '../../src/queue/embedded.ts';
import { createHousekeeping } from '../../src/queue/housekeeping.ts';
import { openDatabase } from '../../src/queue/pglite-folder.ts';
import { LOCK_MS } from '../conformance/queue-check.ts';
import { describeQueueStore } from '../conformance/queue-store.ts';
import { until } from '../support/until.ts';
import { killWorkerOf } from './killed-worker.ts';

const signal = new AbortController().signal;
const { Queue, Worker } = withBackend(createPostgresBackend);
const jobs = (count: number, prefix = 'job') =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}-${index}`, name: 'n', data: [{ index }] }));

let scratch: string;
/** A folder in which the first creation was killed: what is opened in it later is the creation after. */
let template: string;
let folders = 0;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sluice-queue-'));
  template = join(scratch, 'template');
  const child = openInChild(template, '');
  await until(async () => (await readdir(join(template, 'data.new'))).includes('base'), { every: 1 });
  child.kill('SIGKILL');
  await child.gone;
  expect(await readdir(template)).toEqual(['data.new']);
  await (await open(template)).close();
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describeQueueStore('the embedded store keeps the promises of every store', async () => {
  const store = await open(await copy());
  const others: QueueStore[] = [];
  return {
    store,
    other: async () => open(await copy()),
    async work(queue, take) {
      const worker = new Worker<unknown>(queue, async ({ id = '', name, data }) => take({ id, name, data }), {
        connection: store.pool,
      });
      worker.on('error', () => undefined);
      await worker.waitUntilReady();
      return { close: () => worker.close() };
    },
    async pause(name) {
      const queue = new Queue(name, { connection: store.pool, skipMetasUpdate: true });
      await queue.pause();
      await queue.close();
    },
    async steal(name, id) {
      const { rowCount } = await store.pool.query(
        `UPDATE bullmq.job SET lock_token = 'other', locked_until_ms = 0 WHERE queue = $1 AND id = $2`,
        [name, id],
      );
      expect(rowCount).toBe(1);
    },
    // Only one process at a time may have a folder open.
    async afterKill(name, job) {
      const folder = await copy();
      await killWorkerOf('embedded:', folder, name, job);
      const after = await open(folder);
      others.push(after);
      return after;
    },
    async close() {
      await Promise.all([store, ...others].map((one) => one.close()));
    },
  };
});

describe('the embedded store', () => {
  test('is whole though its first creation was killed, and keeps jobs and markers from one opening to the next', async () => {
    expect(await readdir(template)).toEqual(['data']);
    const folder = await copy();
    const first = await open(folder);
    await first.putMarker('r1', signal);
    await first.queue('lists').add(jobs(3), signal);
    await first.close();
    const second = await open(folder);
    expect(await second.hasMarker('r1', signal)).toBe(true);
    expect(await second.queue('lists').peek(10, signal)).toEqual(jobs(3));
    expect(await second.list(signal)).toEqual(['lists']);
    await second.close();
  });

  test('keeps every job it confirmed when the process is killed', async () => {
    const folder = await copy();
    const child = openInChild(
      folder,
      `for (let n = 0; ; n += 1) {
         await store.queue('lists').add([{ id: 'job-' + n, name: 'n', data: [{ n, text: 'x'.repeat(2000) }] }], new AbortController().signal);
         process.stdout.write('confirmed ' + n + '\\n');
       }`,
    );
    await until(() => child.output().split('\n').length > 20);
    child.kill('SIGKILL');
    await child.gone;
    const confirmed = child.output().trim().split('\n').length;
    const store = await open(folder);
    const kept = (await store.queue('lists').peek(10_000, signal)).map(({ id }) => id);
    expect(kept.slice(0, confirmed)).toEqual(Array.from({ length: confirmed }, (_, n) => `job-${n}`));
    expect(kept.length - confirmed).toBeLessThanOrEqual(1);
    await store.close();
  });

  test('twin: PGlite as delivered syncs nothing', async () => {
    let syncs = 0;
    const data = join(await copy(), 'data');
    const database = await PGlite.create({ fs: new DurableFiles(data, () => (syncs += 1)) });
    await database.query('CREATE TABLE public.t (a int)');
    await database.query('INSERT INTO public.t VALUES (1)');
    expect(syncs).toBe(0);
    await database.close();
  });

  test('syncs every confirmed add to the disk, and says what it cannot store', async () => {
    let syncs = 0;
    const store = await open(await copy(), (fd) => {
      syncs += 1;
      fsyncSync(fd);
    });
    const queue = store.queue('lists');
    for (const job of jobs(5)) {
      const before = syncs;
      await queue.add([job], signal);
      expect(syncs).toBeGreaterThan(before);
    }
    for (const text of ['a\u0000b', 'half \uD83E pair']) {
      const job = { id: `odd-${text.length}`, name: 'n', data: [{ text }] };
      const refused = { code: 'queue.unstorable', recovery: 'skip' };
      await expect(queue.add([job], signal)).rejects.toMatchObject(refused);
      await expect(queue.add([...jobs(2, 'new'), job], signal)).rejects.toMatchObject(refused);
    }
    expect(await queue.peek(100, signal)).toEqual(jobs(5));
    await store.close();
  });

  test('finds the markers that an older version left in a schema of their own', async () => {
    const folder = await copy();
    const database = await openDatabase(folder);
    await database.exec(`
      DROP TABLE bullmq.sluice_run_marker;
      CREATE SCHEMA sluice;
      CREATE TABLE sluice.run_marker (run_id text PRIMARY KEY, put_at timestamptz NOT NULL DEFAULT now());
      INSERT INTO sluice.run_marker VALUES ('r-old');`);
    await database.close();
    for (const marker of ['r-new', 'r-newer']) {
      const store = await open(folder);
      expect(await store.hasMarker('r-old', signal)).toBe(true);
      expect(await store.hasMarker(marker, signal)).toBe(false);
      await store.putMarker(marker, signal);
      await store.close();
    }
  });

  test('cannot be opened over a folder that is something else, and says so', async () => {
    const folder = join(scratch, 'broken');
    await mkdir(join(folder, 'data'), { recursive: true });
    await writeFile(join(folder, 'data', 'PG_VERSION'), '9.6\n');
    await expect(open(folder)).rejects.toMatchObject({ code: 'queue.unopenable', recovery: 'stop' });
    await access(join(folder, 'data', 'PG_VERSION'));
  });
});

describe('housekeeping', () => {
  test('keeps the write-ahead log short and sweeps removed rows; twin: without it neither happens', async () => {
    const database = await openDatabase(await copy());
    const redo = async () =>
      (await database.query<{ lsn: string }>('SELECT redo_lsn::text AS lsn FROM pg_control_checkpoint()'))
        .rows;
    const dead = async () =>
      (
        await database.query<{ n: number }>(
          `SELECT n_dead_tup::int AS n FROM pg_stat_all_tables WHERE relname = 'meta'`,
        )
      ).rows[0]?.n ?? 0;
    const write = `INSERT INTO bullmq.meta SELECT 'q', 'f' || n, repeat('x', 500) FROM generate_series(1, 2000) n;
                   DELETE FROM bullmq.meta;`;

    const before = await redo();
    await database.exec(write);
    await database.query('SELECT pg_stat_force_next_flush()');
    expect(await redo()).toEqual(before);
    expect(await dead()).toBeGreaterThan(1000);

    const tidy = createHousekeeping(database, { lookEvery: 2, checkpointAfter: 100_000, sweepAfter: 1000 });
    await tidy();
    expect(await redo()).toEqual(before);
    await tidy();
    expect(await redo()).not.toEqual(before);
    expect(await dead()).toBe(0);
    await database.close();
  });
});

function open(folder: string, sync?: (fd: number) => void): Promise<EmbeddedStore> {
  const target = { kind: 'embedded', name: 'embedded:' } as const;
  return openEmbeddedStore(target, { folder, deadlineMs: 5000, clock: systemClock, sync, lockMs: LOCK_MS });
}

async function copy(): Promise<string> {
  const folder = join(scratch, `copy-${(folders += 1)}`);
  await cp(template, folder, { recursive: true });
  return folder;
}

const source = (file: string) => JSON.stringify(new URL(`../../src/${file}`, import.meta.url).href);

/** Opens a folder in a process of its own and runs `then` with `store`. */
function openInChild(folder: string, then: string) {
  const script = `
    import { openEmbeddedStore } from ${source('queue/embedded.ts')};
    import { systemClock } from ${source('model/clock.ts')};
    const store = await openEmbeddedStore({ kind: 'embedded', name: 'embedded:' },
      { folder: ${JSON.stringify(folder)}, deadlineMs: 5000, clock: systemClock });
    ${then}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  return {
    output: () => output,
    gone: new Promise((resolve) => child.once('close', resolve)),
    kill: (name: NodeJS.Signals) => child.kill(name),
  };
}
