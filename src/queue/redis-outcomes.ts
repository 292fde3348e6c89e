import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { JobOutcome } from '../model/queues.ts';

/**
 * Where jobs stand, by BullMQ's own sets and hashes (bullmq 6.7, commands/moveToFinished). Each batch is one MULTI: a job
 * that moves meanwhile is seen before or after it, never in between. A job has its hash for as long as it exists.
 */
export async function readOutcomes(
  client: Redis,
  queue: string,
  ids: readonly string[],
): Promise<readonly JobOutcome[]> {
  const outcomes: JobOutcome[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    const batch = ids.slice(from, from + BATCH);
    const multi = client.multi();
    for (const id of batch)
      multi
        .zscore(`bull:${queue}:completed`, id)
        .zscore(`bull:${queue}:failed`, id)
        .hmget(`bull:${queue}:${id}`, 'name', 'failedReason', 'stacktrace', 'atm');
    const replies = (await multi.exec()) ?? [];
    for (const [error] of replies) if (error) throw error;
    const values = replies.map(([, value]) => value);
    for (let at = 0; at < batch.length; at += 1)
      outcomes.push(outcomeOf(replySchema.parse(values.slice(3 * at, 3 * at + 3))));
  }
  return outcomes;
}

// A job's part of the answer is small but for the stack of a failed one; one batch holds the server up for some ms.
const BATCH = 500;

const text = z.string().nullable();
const replySchema = z.tuple([text, text, z.tuple([text, text, text, text])]);

function outcomeOf([completed, failed, [name, reason, stacks, attempts]]: z.infer<
  typeof replySchema
>): JobOutcome {
  if (completed !== null) return { state: 'completed' };
  if (failed !== null)
    return {
      state: 'failed',
      reason: reason ?? '',
      stack: lastStack(stacks),
      attempts: Number(attempts ?? 0),
    };
  return { state: name === null ? 'missing' : 'pending' };
}

const stacksSchema = z.array(z.string());

/** The hash keeps a JSON array with one stack an attempt. */
function lastStack(stacks: string | null): string | undefined {
  if (stacks === null) return undefined;
  try {
    return stacksSchema.parse(JSON.parse(stacks)).at(-1);
  } catch {
    return undefined;
  }
}
