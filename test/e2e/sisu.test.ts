import { afterAll, beforeAll, test } from 'vitest';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { installProgram, type Program } from '../support/program.ts';
import { hasRedis, startRedis } from '../support/redis.ts';
import { expectSisuToArrive, isFull, promiseTimeout } from '../support/sisu-promise.ts';

let postgres: TestPostgres;
let program: Program;

beforeAll(async () => {
  if (!hasPostgres() || !hasRedis()) return;
  postgres = await startPostgres();
  program = installProgram();
});
afterAll(async () => {
  program?.close();
  await postgres?.stop();
});

test(
  'over Redis, with controller, consumers and Redis killed, all of SISU arrives',
  promiseTimeout,
  async (context) => {
    context.skip(!hasPostgres(), noPostgres);
    context.skip(!hasRedis(), 'no redis-server on PATH');
    const redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    try {
      await expectSisuToArrive({
        postgres,
        program,
        queue: redis.url,
        share: 1,
        consumers: 2,
        controllerKills: 5,
        consumerKills: isFull ? 20 : 6,
        async restartQueue() {
          await redis.kill();
          await redis.start();
        },
      });
    } finally {
      await redis.stop();
    }
  },
);
