import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { openOutageWorld, type OutageWorld } from '../support/outage-world.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import type { WorldOptions } from '../support/world.ts';

let postgres: TestPostgres | undefined;
let world: OutageWorld | undefined;
let databases = 0;

beforeAll(async () => {
  if (hasPostgres()) postgres = await startPostgres();
});
afterAll(async () => await postgres?.stop());
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** A world on a database of its own, reached by another port if one is given. */
async function open(
  context: { readonly skip: (condition: boolean, why: string) => void },
  { port, ...options }: Partial<WorldOptions> & { readonly port?: number } = {},
): Promise<{ postgres: TestPostgres; world: OutageWorld }> {
  context.skip(!postgres, noPostgres);
  if (!postgres) throw new Error(noPostgres);
  const url = new URL(await postgres.database(`outage_${(databases += 1)}`));
  if (port !== undefined) url.port = String(port);
  world = await openOutageWorld({ queue: url.href, ...options });
  return { postgres, world };
}

describe('a Postgres that goes away in the middle of a run', () => {
  test('by a kill, and comes back with its data: the run waits, says so once, and every member arrives once', async (context) => {
    const opened = await open(context);
    await opened.world.whileRunning(async () => {
      await opened.world.untilEvent('page.confirmed', 6);
      await opened.postgres.kill();
      await opened.world.untilEvent('queue.down');
      await opened.postgres.start();
      await opened.world.untilEvent('run.finished');
    });
    await opened.world.expectComplete();
    opened.world.expectToldOnce();
  });

  test('and does not answer at all for longer than an operation may take', async (context) => {
    const opened = await open(context);
    await opened.world.whileRunning(async () => {
      await opened.world.untilEvent('page.confirmed', 6);
      await opened.postgres.pause();
      try {
        await opened.world.untilEvent('queue.down');
      } finally {
        await opened.postgres.resume();
      }
      await opened.world.untilEvent('run.finished');
    });
    await opened.world.expectComplete();
    expect(opened.world.expectToldOnce().reason).toContain('did not answer within 5 s');
  });

  test('and does not hold a quit up: the next start goes on where it was', async (context) => {
    const opened = await open(context, { env: { SLUICE_DRAIN_SECONDS: '1' } });
    const running = opened.world.go();
    await opened.world.untilEvent('page.confirmed', 6);
    await opened.postgres.kill();
    const asked = performance.now();
    opened.world.signal('SIGTERM');
    expect(await running).toBe(0);
    expect(performance.now() - asked).toBeLessThan(8000);
    await opened.postgres.start();
    expect(await opened.world.go({ once: true })).toBe(0);
    await opened.world.expectResumed();
  });
});

describe('a connection to Postgres that is cut in the middle of a bulk of chunks', () => {
  test('in the request and before the answer: what is in the queue is counted once', async (context) => {
    context.skip(!postgres, noPostgres);
    if (!postgres) return;
    const proxy = await startCuttingProxy(postgres.host, postgres.port);
    context.onTestFinished(async () => await proxy.close());
    const opened = await open(context, {
      port: proxy.port,
      mailchimp: { lists: { l1: 6000 }, latencyMs: 40 },
    });
    opened.world.writeState([{ list_id: 'l1', items_per_request: 1000, worker_count: 2 }]);
    await opened.world.whileRunning(async () => {
      await opened.world.untilEvent('page.asked');
      proxy.cutRequest(300_000);
      await until(() => proxy.cuts === 1, { what: 'the first cut' });
      for (const cuts of [2, 3]) {
        proxy.loseAnswer(200_000);
        await until(() => proxy.cuts === cuts, { what: `cut ${cuts}` });
      }
      await opened.world.untilEvent('run.finished');
    });
    await opened.world.expectComplete({ members: 6000 });
  });
});
