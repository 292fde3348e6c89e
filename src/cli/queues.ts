import { z } from 'zod';
import { SettingError } from '../model/errors.ts';
import { visible } from '../model/visible.ts';
import type { Job, QueueStatus } from '../queue/contract.ts';
import { readArguments, stateFolder } from './arguments.ts';
import type { CliContext } from './context.ts';
import { ask, withQueue } from './folder.ts';
import { printObjects } from './output.ts';
import { peekQueue, readQueues } from './queue-status.ts';

const statusesSchema: z.ZodType<QueueStatus[]> = z.array(
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
  const { values, positionals } = readArguments(context, {}, 2);
  const folder = stateFolder(context, values.state);
  const [verb, name] = positionals;
  if (verb === undefined) return await list(context, folder, values.json);
  if (verb !== 'peek' || name === undefined) {
    throw new SettingError(
      `queues ${positionals.join(' ')}: unknown`,
      'expected: queues, or queues peek NAME',
    );
  }
  return await peek(context, folder, name, values.json);
}

async function list(context: CliContext, folder: string, json: boolean): Promise<number> {
  const answer = await ask(context, folder, '/queues');
  const found =
    answer === undefined ? await withQueue(context, folder, readQueues, []) : statusesSchema.parse(answer);
  const header = ['QUEUE', 'WAITING', 'ACTIVE', 'DELAYED', 'FAILED', 'COMPLETED', 'WORKERS'];
  printObjects(context, json, header, found, (queue) => [
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

async function peek(context: CliContext, folder: string, name: string, json: boolean): Promise<number> {
  const answer = await ask(context, folder, '/queues/peek', { name });
  const jobs: readonly Job[] | null =
    answer === undefined
      ? await withQueue(context, folder, (queue, signal) => peekQueue(queue, name, signal), null)
      : jobsSchema.parse(answer);
  if (jobs === null) throw new SettingError(`there is no queue "${name}"`, './run.sh queues lists them');
  if (json) printObjects(context, true, [], jobs, () => []);
  else for (const job of jobs) context.print(`${visible(describe(job))}\n`);
  return 0;
}

/** A job on one line: a long payload is cut, `--json` has all of it. */
function describe({ id, name, data }: Job): string {
  const text = JSON.stringify(data) ?? '';
  const size = Array.isArray(data) ? `${data.length} records, ` : '';
  return `${id}  ${name}  ${size}${text.length > longest ? `${text.slice(0, longest)}...` : text}`;
}

const longest = 400;
