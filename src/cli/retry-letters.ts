import { join } from 'node:path';
import type { LetterRecord } from '../model/letters.ts';
import type { Emit } from '../model/events.ts';
import { openQueueStore } from '../queue/open.ts';
import { chooseQueue } from '../queue/url.ts';
import type { CliContext } from './context.ts';
import { readEnvironment } from './environment.ts';
import { ask, openFolder } from './folder.ts';
import { inBatches } from './in-batches.ts';
import { asked, letterCommands } from './letter-commands.ts';
import { openLetters } from './open-letters.ts';
import { openSettings } from './settings-file.ts';

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

/**
 * Publishes dead letters again and waits for what becomes of them, at most `confirm_wait_seconds`: through the controller
 * that runs on the folder, or else with a queue of its own.
 * @throws SettingError, LockedError, QueueError
 */
export async function retryLetters(
  context: CliContext,
  ids: readonly number[],
  options: RetryOptions,
): Promise<readonly Retried[]> {
  const { folder } = options;
  const waitMs = confirmWaitMs(context, folder);
  const answers = await inBatches(ids, async (letters) => [
    await ask(context, folder, asked({ type: 'retry', letters })),
  ]);
  return answers.includes(undefined)
    ? await retryAlone(context, ids, waitMs, options)
    : await watchThere(context, ids, waitMs, folder);
}

/** A controller does it; what it has not told by the end is still on its way. */
async function watchThere(
  context: CliContext,
  ids: readonly number[],
  waitMs: number,
  folder: string,
): Promise<readonly Retried[]> {
  const { clock } = context;
  const began = clock.elapsed();
  for (;;) {
    const found = outcomes(ids, await letterCommands(context, folder).list({}));
    const isOver = found.every(({ outcome }) => outcome !== 'waiting');
    if (isOver || clock.elapsed() - began >= waitMs) return found;
    await clock.sleep(lookMs, AbortSignal.timeout(2 * lookMs));
  }
}

async function retryAlone(
  context: CliContext,
  ids: readonly number[],
  waitMs: number,
  { folder, tell }: RetryOptions,
): Promise<readonly Retried[]> {
  const { clock } = context;
  await using closing = new AsyncDisposableStack();
  const enough = new AbortController();
  closing.defer(context.onSignal(() => enough.abort()));
  const store = openFolder(context, folder, 'failed retry');
  closing.defer(() => store.close());
  const emit: Emit = (event) => {
    if (event.type === 'queue.down') tell(`${event.queue} is down: ${event.reason}`);
    if (event.type === 'notice' && event.level === 'error') tell(event.message);
  };
  const target = chooseQueue(readEnvironment(context));
  const queue = await openQueueStore(target, { folder: join(folder, 'queue'), emit });
  closing.defer(() => queue.close());
  const { book, retries } = openLetters({ store, queue, clock, emit });
  closing.defer(() => retries.close());
  book.command({ type: 'retry', letters: ids });
  tell(`waiting for consumers, at most ${Math.round(waitMs / 1000)} s`);
  const limit = clock.sleep(waitMs, enough.signal).catch(() => {});
  await Promise.race([retries.idle(), limit]);
  enough.abort();
  await retries.close();
  return outcomes(ids, book.list({}));
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

function confirmWaitMs(context: CliContext, folder: string): number {
  return openSettings(folder, readEnvironment(context), () => {}).current.confirm_wait_seconds * 1000;
}
