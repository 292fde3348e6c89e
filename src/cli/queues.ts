import { z } from 'zod';
import { SettingError, UsageError } from '../model/errors.ts';
import type { Job, QueueStatus } from '../model/queues.ts';
import { readArguments, stateFolder } from './arguments.ts';
import type { CliContext } from './context.ts';
import { askOrOpen, withQueue } from './folder.ts';
import { createOutput, type Output } from './output.ts';
import { peekQueue, readQueues } from './queue-status.ts';
import { queuesUsage } from './usage/looks.ts';

/** What a running controller answers about its queues. */
export const statusesSchema: z.ZodType<QueueStatus[]> = z.array(
  z.object({
    name: z.string(),
    waiting: z.number(),
    active: z.number(),
    delayed: z.number(),
    failed: z.number(),
    completed: z.number(),
    workers: z.number(),
  }),
);
const jobsSchema = z.array(z.object({ id: z.string(), name: z.string(), data: z.unknown() })).nullable();

/** `queues` and `queues peek NAME`: what waits in the queues, and the oldest waiting jobs of one. */
export async function queues(context: CliContext): Promise<number> {
  const { values, positionals } = readArguments(context, queuesUsage.options, 2);
  const output = createOutput(context, values.json);
  const folder = stateFolder(context, values.state);
  const [verb, name] = positionals;
  if (verb === undefined) return await list(context, folder, output);
  if (verb !== 'peek' || name === undefined) {
    throw new UsageError(`queues ${positionals.join(' ')}: unknown`, 'expected: queues, or queues peek NAME');
  }
  return await peek(context, folder, name, output);
}

async function list(context: CliContext, folder: string, output: Output): Promise<number> {
  const question = { path: '/queues', answer: statusesSchema };
  const found = await askOrOpen(context, folder, question, () => withQueue(context, folder, readQueues, []));
  const header = ['QUEUE', 'WAITING', 'ACTIVE', 'DELAYED', 'FAILED', 'COMPLETED', 'WORKERS'];
  output.table(header, found, (queue) => [
    queue.name,
    String(queue.waiting),
    String(queue.active),
    String(queue.delayed),
    String(queue.failed),
    String(queue.completed),
    String(queue.workers),
  ]);
  return 0;
}

async function peek(context: CliContext, folder: string, name: string, output: Output): Promise<number> {
  const question = { path: '/queues/peek', query: { name }, answer: jobsSchema };
  const jobs = await askOrOpen<readonly Job[] | null>(context, folder, question, () =>
    withQueue(context, folder, (queue, signal) => peekQueue(queue, name, signal), null),
  );
  if (jobs === null) throw new SettingError(`there is no queue "${name}"`, './run.sh queues lists them');
  output.lines(jobs, describe, longest);
  return 0;
}

/** How much of a job is shown; `--json` has all of it. */
const longest = 500;

function describe({ id, name, data }: Job): string {
  const size = Array.isArray(data) ? `${data.length} records, ` : '';
  return `${id}  ${name}  ${size}${JSON.stringify(data) ?? ''}`;
}
