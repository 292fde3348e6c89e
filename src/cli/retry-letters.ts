import { join } from 'node:path';
import type { LetterDetail, LetterRecord } from '../model/letters.ts';
import type { Emit } from '../model/events.ts';
import { openQueueStore } from '../queue/open.ts';
import { chooseQueue } from '../queue/url.ts';
import type { CliContext } from './context.ts';
import { readEnvironment } from './environment.ts';
import { ask, openFolder } from './folder.ts';
import { inBatches } from './in-batches.ts';
import { asked, bookOf, letterCommands } from './letter-commands.ts';
import { openLetters } from './open-letters.ts';
import { statusesSchema } from './queues.ts';
import { openSettings } from './settings-file.ts';
import { absentAdvice, type Attendance, unattendedAdvice } from './unattended.ts';
import { whenFree } from './when-free.ts';

/** What became of one retried dead letter; `waiting`: it is on its way, and whoever runs next follows it. */
export interface Retried {
  readonly id: number;
  readonly outcome: 'delivered' | 'failed' | 'waiting';
  /** Why it died again. */
  readonly reason: string | null;
}

export interface RetryOptions {
  readonly folder: string;
  /** Hears what a person should know meanwhile. */
  readonly tell: (message: string) => void;
}

/** How often a running controller is asked what has become of them. */
const lookMs = 500;
/** A consumer that is there has taken them by then. */
const countAfterMs = 1000;
/** How long a queue may take to say who works on it. */
const countMs = 5000;

/**
 * Publishes dead letters again and waits for what becomes of them, at most `confirm_wait_seconds`: through the controller
 * that runs on the folder, or else with a queue of its own. Says at once where nobody is there to take them.
 * @throws SettingError, LockedError, QueueError
 */
export async function retryLetters(
  context: CliContext,
  ids: readonly number[],
  { folder, tell }: RetryOptions,
): Promise<readonly Retried[]> {
  const env = readEnvironment(context);
  const settings = openSettings(folder, env, () => {}).current;
  const isEmbedded = chooseQueue(env).kind === 'embedded';
  const attendance = { isEmbedded, consume: settings.consume, env };
  const retry = { context, ids, folder, tell, attendance, waitMs: settings.confirm_wait_seconds * 1000 };
  const answers = await inBatches(ids, async (letters) => [
    await ask(context, folder, asked({ type: 'retry', letters })),
  ]);
  return answers.includes(undefined) ? await retryAlone(retry) : await watchThere(retry);
}

interface Retry extends RetryOptions {
  readonly context: CliContext;
  readonly ids: readonly number[];
  readonly attendance: Omit<Attendance, 'queue'>;
  readonly waitMs: number;
}

/** A controller does it; what it has not told by the end is still on its way. */
async function watchThere({
  context,
  ids,
  folder,
  tell,
  attendance,
  waitMs,
}: Retry): Promise<readonly Retried[]> {
  const { clock } = context;
  const letters = letterCommands(context, folder);
  const began = clock.elapsed();
  let isCounted = false;
  for (;;) {
    const found = outcomes(ids, await letters.list({}));
    const first = found.find(({ outcome }) => outcome === 'waiting');
    const waitedMs = clock.elapsed() - began;
    if (!first || waitedMs >= waitMs) return found;
    if (!isCounted && waitedMs >= countAfterMs) {
      isCounted = true;
      const queue = awaited(await letters.show(first.id));
      const queues = await ask(context, folder, { path: '/queues', answer: statusesSchema }).catch(() => []);
      const isUnattended = queues?.some(({ name, workers }) => name === queue && workers === 0) === true;
      if (queue !== undefined && isUnattended) tell(unattendedAdvice({ ...attendance, queue }));
    }
    await clock.sleep(lookMs, AbortSignal.timeout(2 * lookMs));
  }
}

async function retryAlone(retry: Retry): Promise<readonly Retried[]> {
  const { context, ids, folder, tell, attendance, waitMs } = retry;
  const { clock } = context;
  await using closing = new AsyncDisposableStack();
  const store = await whenFree(context, () => openFolder(context, folder, 'failed retry'));
  closing.defer(() => store.close());
  const quiet = bookOf(context, store);
  const queueName = ids
    .values()
    .map((id) => awaited(quiet.show(id)))
    .find((name) => name !== undefined);
  if (queueName !== undefined && attendance.isEmbedded) {
    // Only the controller has consumers there: it publishes what is noted here.
    quiet.command({ type: 'retry', letters: ids });
    for (const line of absentAdvice({ ...attendance, queue: queueName })) tell(line);
    return outcomes(ids, quiet.list({}));
  }
  const enough = new AbortController();
  closing.defer(context.onSignal(() => enough.abort()));
  const emit: Emit = (event) => {
    if (event.type === 'queue.down') tell(`${event.queue} is down: ${event.reason}`);
    if (event.type === 'notice' && event.level === 'error') tell(event.message);
  };
  const { env } = attendance;
  const queue = await openQueueStore(chooseQueue(env), { folder: join(folder, 'queue'), emit });
  closing.defer(() => queue.close());
  const { book, retries } = openLetters({ store, queue, env, clock, emit });
  closing.defer(() => retries.close());
  book.command({ type: 'retry', letters: ids });
  if (queueName !== undefined) tell(`waiting for consumers, at most ${Math.round(waitMs / 1000)} s`);
  const limit = clock.sleep(waitMs, enough.signal).catch(() => {});
  const told = queueName === undefined ? undefined : tellUnattended(queueName);
  await Promise.race([retries.idle(), limit]);
  enough.abort();
  await told;
  await retries.close();
  return outcomes(ids, book.list({}));

  async function tellUnattended(name: string): Promise<void> {
    const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(countAfterMs + countMs)]);
    try {
      await clock.sleep(countAfterMs, signal);
      const { workers } = await queue.queue(name).status(signal);
      if (workers === 0) tell(unattendedAdvice({ ...attendance, queue: name }));
    } catch {
      // It is over, or the queue is down, which has been told.
    }
  }
}

/** The queue whose consumers decide what becomes of a letter; undefined where the queue itself does. */
function awaited(letter: LetterDetail | undefined): string | undefined {
  return letter?.grade === 'processed' ? (letter.queue ?? undefined) : undefined;
}

function outcomes(ids: readonly number[], letters: readonly LetterRecord[]): readonly Retried[] {
  const left = new Map(letters.map((letter) => [letter.id, letter]));
  return ids.map((id) => {
    const letter = left.get(id);
    if (!letter) return { id, outcome: 'delivered', reason: null };
    if (letter.isRetrying) return { id, outcome: 'waiting', reason: null };
    return { id, outcome: 'failed', reason: letter.reason };
  });
}
