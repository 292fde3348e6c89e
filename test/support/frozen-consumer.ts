// A consumer that stands still in the middle of a job until SIGCONT comes: by then its lock is over and another consumer
// has done the job, and newer ones after it. Its store is the real one, or one without the check of ordinals.
import { Worker } from 'bullmq';
import { z } from 'zod';
import { statementsFor } from '../../src/consumer/statements.ts';
import { openTarget, signal } from '../consumer/world.ts';

const [, , host = '127.0.0.1', port = '6379', to = '', way = 'careful'] = process.argv;
const unchecked: typeof statementsFor = (kind, schema) => {
  const { store, settle } = statementsFor(kind, schema);
  return { store: store.replace(/WHERE excluded.modification_ordinal > t.modification_ordinal/, ''), settle };
};
const target = await openTarget(to, way === 'careful' ? {} : { statements: unchecked });
const worker = new Worker<unknown>(
  'importer-queue',
  async ({ name, data }) => {
    process.stdout.write('taken\n');
    process.kill(process.pid, 'SIGSTOP');
    await target.store({ channel: name, entities: z.array(z.unknown()).parse(data) }, signal);
    process.stdout.write('stored\n');
  },
  { connection: { host, port: Number(port) }, lockDuration: 1000, stalledInterval: 500, maxStalledCount: 3 },
);
worker.on('error', () => undefined);
await worker.waitUntilReady();
