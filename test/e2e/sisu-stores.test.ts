import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { installProgram, type Program } from '../support/program.ts';
import { expectSisuToArrive, promiseTimeout } from '../support/sisu-promise.ts';
import { copyTemplate, dropTemplate, makeTemplate } from '../support/world.ts';

// The promise of issue 5 on the other stores, smaller.
let postgres: TestPostgres;
let program: Program;

beforeAll(async () => {
  if (!hasPostgres()) return;
  [postgres] = await Promise.all([startPostgres(), makeTemplate()]);
  program = installProgram();
});
afterAll(async () => {
  program?.close();
  await postgres?.stop();
  dropTemplate();
});
// Side by side: most of the time somebody waits for the lock of a consumer that was killed.
describe.concurrent('all of SISU arrives', () => {
  test('over a Postgres queue', promiseTimeout, async (context) => {
    context.skip(!hasPostgres(), noPostgres);
    await expectSisuToArrive({
      postgres,
      program,
      queue: await postgres.database('queue'),
      share: 1 / 3,
      consumers: 2,
      controllerKills: 2,
      consumerKills: 2,
    });
  });

  test(
    'over the embedded queue, consumed by the controller itself, all of SISU arrives',
    promiseTimeout,
    async () => {
      await expectSisuToArrive({
        postgres,
        program,
        queue: 'embedded:',
        share: 1 / 3,
        consumers: 0,
        controllerKills: 2,
        consumerKills: 0,
        prepare({ folder }) {
          copyTemplate(folder);
          writeFileSync(join(folder, 'settings.json'), '{ "consume": "importer-queue" }\n');
        },
      });
    },
  );
});
