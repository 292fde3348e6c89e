// A consumer of the old kind: a plain BullMQ worker with its default options, which knows nothing of Sluice
// (systems.md 5.1). Prints each job that it does as one line of JSON; an entity with a testError fails its job.
import { Worker } from 'bullmq';
import { z } from 'zod';

const [, , host = '127.0.0.1', port = '6379'] = process.argv;
const arraySchema = z.array(z.unknown());
const poisonedSchema = z.looseObject({ testError: z.unknown().refine((error) => error !== undefined) });

const worker = new Worker<unknown>(
  'importer-queue',
  async ({ id, name, data }) => {
    const entities = arraySchema.parse(data);
    if (entities.some((entity) => poisonedSchema.safeParse(entity).success)) throw new Error('testError');
    process.stdout.write(`${JSON.stringify({ id, name, data })}\n`);
    return await Promise.resolve();
  },
  { connection: { host, port: Number(port) } },
);
worker.on('error', () => undefined);
await worker.waitUntilReady();
