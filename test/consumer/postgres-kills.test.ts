import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { openTarget, signal, version } from './world.ts';

const missing = hasPostgres() ? undefined : noPostgres;
let postgres: TestPostgres;

beforeAll(async () => {
  if (missing === undefined) postgres = await startPostgres();
});
afterAll(() => postgres?.stop());
beforeEach((context) => {
  if (missing !== undefined) context.skip(missing);
});

const script = fileURLToPath(new URL('storing-process.ts', import.meta.url));

interface Storing {
  readonly child: ChildProcess;
  /** The chunks it said to be stored. */
  readonly confirmed: () => readonly number[];
}

function startStoring(...args: readonly string[]): Storing {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.on('data', (part: Buffer) => (printed += part.toString()));
  return { child, confirmed: () => printed.split('\n').slice(0, -1).map(Number) };
}

/** Kills a process at some moment while it stores. @returns the chunks it confirmed */
async function killOne(url: string, begin: number, way: string): Promise<readonly number[]> {
  const { child, confirmed } = startStoring(url, String(begin), way);
  await until(() => confirmed().length > 0, { what: 'a stored chunk' });
  // Not a wait for something: the moment of the kill.
  await delay(Math.random() * 60);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  // What it had sent may still be at work.
  await until(async () => {
    const query = "SELECT FROM pg_stat_activity WHERE application_name = 'sluice:consumer'";
    return (await postgres.sql(query)).rows.length === 0;
  });
  return confirmed();
}

/** How many entities of each chunk are there, by chunk; 400 of 500 are active. */
async function counts(database: string): Promise<ReadonlyMap<number, number>> {
  const { rows } = await postgres.sql(
    "SELECT (data->>'chunk')::int AS chunk, count(*)::int AS count FROM persons GROUP BY 1",
    database,
  );
  return new Map(rows.map(({ chunk, count }) => [Number(chunk), Number(count)]));
}

test('a consumer that is killed leaves whole chunks, and every one it confirmed', async () => {
  const url = await postgres.database('killed');
  for (let round = 0; round < 5; round += 1) {
    const confirmed = await killOne(url, round * 1000, 'whole');
    const found = await counts('killed');
    for (const chunk of confirmed) expect(found.get(chunk)).toBe(400);
    for (const [chunk, count] of found) expect(count, `chunk ${chunk}`).toBe(400);
  }
});

test('twin: without one transaction a chunk, halves are left', async () => {
  const url = await postgres.database('halved');
  await until(
    async () => {
      await killOne(url, Math.floor(Math.random() * 1e6), 'one by one');
      return [...(await counts('halved')).values()].some((count) => count !== 400);
    },
    { what: 'half a chunk', ms: 30_000 },
  );
});

test('Postgres is killed again and again: no chunk fails, and all of them are there in the end', async () => {
  const url = await postgres.database('restarted');
  const target = await openTarget(url);
  const end = new AbortController();
  let stored = 0;
  const storing = [0, 1, 2, 3].map(async (lane) => {
    for (let chunk = lane; !end.signal.aborted; chunk += 4) {
      const entities = Array.from({ length: 200 }, (_, index) => version(`${chunk}-${index}`, index + 1));
      await target.store({ channel: 'ORI_PERSON_CHANNEL', entities }, signal);
      stored += 1;
    }
  });
  for (let kill = 0; kill < 3; kill += 1) {
    const before = stored;
    await until(() => stored > before + 4);
    await postgres.kill();
    await until(() => target.said.filter((text) => text.includes('waiting for it')).length > kill);
    await postgres.start();
    await until(() => target.said.filter((text) => text.includes('works again')).length > kill, {
      ms: 20_000,
    });
  }
  end.abort();
  await Promise.all(storing);
  const { rows } = await postgres.sql('SELECT count(*)::int AS count FROM persons', 'restarted');
  expect(rows).toEqual([{ count: stored * 200 }]);
  // Made the tables; then one word at the beginning of each outage and one at its end.
  expect(target.said).toHaveLength(1 + 2 * 3);
  expect(target.said.join()).not.toContain('only/for@tests');
  await target.close();
});
