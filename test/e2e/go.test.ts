import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openQueueStore } from '../../src/queue/open.ts';
import { chooseQueue } from '../../src/queue/url.ts';
import { type MailchimpSimulator, startMailchimp } from '../../src/simulator/mailchimp.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { copyTemplate, dropTemplate, makeTemplate } from '../support/world.ts';

// The real program by its real command, killed for real. What `./run.sh test` compiled is what runs.
const runSh = resolve(import.meta.dirname, '../../run.sh');

let folder: string;
let simulator: MailchimpSimulator;
const children = new Set<ChildProcess>();

beforeAll(makeTemplate);
afterAll(dropTemplate);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-go-'));
  copyTemplate(folder);
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly code: Promise<number | null>;
}

function start(queue: string, ...args: readonly string[]): Started {
  let output = '';
  const child = spawn(runSh, ['go', '--plain', '--state', folder, ...args], {
    env: {
      PATH: process.env['PATH'],
      QUEUE_URL: queue,
      MAILCHIMP_URL: simulator.url,
      MAILCHIMP_APIKEY: simulator.apiKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  child.stdout.on('data', (text) => (output += String(text)));
  child.stderr.on('data', (text) => (output += String(text)));
  const code = new Promise<number | null>((done) => {
    child.once('close', (found) => {
      children.delete(child);
      done(found);
    });
  });
  return { child, output: () => output, code };
}

/** Waits for something while the program runs; tells its output when it ended instead. */
async function whileUp({ output, code }: Started, condition: () => boolean): Promise<void> {
  let ended = false;
  void code.then(() => (ended = true));
  await until(() => ended || condition(), { ms: 20_000, what: 'what the test waits for' });
  if (!condition()) throw new Error(`the program ended: ${output()}`);
}

function writeState(...entries: readonly object[]): void {
  writeFileSync(join(folder, 'state.json'), JSON.stringify(entries, null, 2));
}

const readState = (): unknown => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));

async function deliveredIds(queue: string): Promise<string[]> {
  const store = await openQueueStore(chooseQueue({ QUEUE_URL: queue }), { folder: join(folder, 'queue') });
  try {
    const jobs = await store.queue('lists').peek(100_000, AbortSignal.timeout(20_000));
    const members = z.array(z.object({ id: z.string() }));
    return jobs.flatMap(({ data }) => members.parse(data).map(({ id }) => id));
  } finally {
    await store.close();
  }
}

describe('killed with SIGKILL again and again', () => {
  let redis: TestRedis | undefined;
  afterEach(async () => await redis?.stop());

  test.for(['redis', 'embedded:'])(
    'it goes on where it stopped and loses nothing (%s)',
    async (kind, context) => {
      simulator = await startMailchimp({ lists: { l1: 6000 }, latencyMs: 60 });
      context.skip(kind === 'redis' && !hasRedis(), 'no redis-server on PATH');
      redis = kind === 'redis' ? await startRedis() : undefined;
      const queue = redis?.url ?? kind;
      const workers = 4;
      writeState({ list_id: 'l1', worker_count: workers, items_per_request: 50 });
      let kills = 0;
      for (const records of [500, 2000, 3500]) {
        const before = simulator.requests.byKind['members'] ?? 0;
        const { child, code } = start(queue);
        // Requests answered since this start, in records.
        await until(() => ((simulator.requests.byKind['members'] ?? 0) - before) * 50 >= records / 2, {
          ms: 20_000,
        });
        child.kill('SIGKILL');
        await code;
        kills += 1;
        expect(readState()).toEqual([{ list_id: 'l1', worker_count: workers, items_per_request: 50 }]);
      }
      const last = start(queue, '--once');
      expect(await last.code, last.output()).toBe(0);
      expect(last.output()).toContain('going on where it stopped');
      const ids = await deliveredIds(queue);
      const expected = simulator.members('l1').map(({ id }) => id);
      expect([...new Set(ids)].toSorted()).toEqual(expected.toSorted());
      // About one page a worker for each kill; pages that were confirmed but not yet noted add a few.
      expect(ids.length - expected.length).toBeLessThanOrEqual(kills * 2 * workers * 50);
    },
  );
});

test('the whole thing by hand: start, sync, forced reload by an edit, a look, quit by the file', async () => {
  simulator = await startMailchimp({ lists: { l1: 500 } });
  writeState({ list_id: 'l1' });
  const started = start('embedded:');
  const { output, code } = started;
  await whileUp(started, () => output().includes('list "l1": completed, 500 read, 500 published'));
  const text = readFileSync(join(folder, 'state.json'), 'utf8');
  writeFileSync(
    join(folder, 'state.json'),
    text.replace(/"latest_timestamp": "[^"]*"/, '"latest_timestamp": null'),
  );
  await whileUp(started, () => output().split('500 published').length === 3);

  const status = spawn(runSh, ['status', '--json', '--state', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let answer = '';
  status.stdout.on('data', (part) => (answer += String(part)));
  expect(await new Promise((done) => status.once('close', done))).toBe(0);
  expect(JSON.parse(answer)).toMatchObject([
    { id: 'l1', state: 'ok', lastRun: { published: 500 }, cause: null },
  ]);

  writeFileSync(join(folder, 'controller.quit'), '');
  expect(await code).toBe(0);
  expect(output()).toMatch(/sluice ran .+ s\. 2 runs, 1,000 records, 0 failed\.\n {2}log: .+\.ndjson\n$/);
  expect(await deliveredIds('embedded:')).toHaveLength(1000);
});

test('a quit file from before the start is removed and does not count', async () => {
  simulator = await startMailchimp({ lists: { l1: 100 } });
  writeState({ list_id: 'l1' });
  writeFileSync(join(folder, 'controller.quit'), '');
  const started = start('embedded:');
  const { child, output, code } = started;
  await whileUp(started, () => output().includes('completed, 100 read'));
  await whileUp(started, () => output().includes('controller.quit is older than this start: removed'));
  child.kill('SIGTERM');
  expect(await code).toBe(0);
});
