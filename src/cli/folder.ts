import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { askController, type Question } from '../control/client.ts';
import { socketPath } from '../control/socket-path.ts';
import { SettingError } from '../model/errors.ts';
import { createRedactor } from '../net/redact.ts';
import { openQueueStore } from '../queue/open.ts';
import { chooseQueue } from '../queue/url.ts';
import type { QueueStore } from '../queue/contract.ts';
import { redactedStore } from '../store/redacted.ts';
import { hasGenerations } from '../state/generations/generations.ts';
import { openStore, type Store } from '../store/store.ts';
import type { CliContext } from './context.ts';
import { readEnvironment, secretsOf } from './environment.ts';
import { whenFree } from './when-free.ts';

/** Asks the controller that runs on a folder; undefined when none does. */
export async function ask<T>(
  context: CliContext,
  folder: string,
  question: Question<T>,
): Promise<T | undefined> {
  return await askController(socketPath(folder, context.temporary, context.user), question);
}

/**
 * What the controller that runs on a folder answers, or, where none does, what `work` makes of the folder itself. While
 * somebody else holds the folder it is tried again: a controller that has just started cannot be asked yet.
 * @param work opens the folder
 * @throws LockedError, SettingError, and what the controller or `work` throws
 */
export async function askOrOpen<T>(
  context: CliContext,
  folder: string,
  question: Question<T>,
  work: () => T | Promise<T>,
): Promise<T> {
  return await whenFree(context, async () => {
    const answer = await ask(context, folder, question);
    return answer === undefined ? await work() : answer;
  });
}

/** Opens a folder that nobody else holds, for the length of one command (S18). @throws LockedError, SettingError */
export function openFolder(context: CliContext, folder: string, command: string): Store {
  requireState(folder, command);
  const { pid, clock } = context;
  const store = openStore({ folder, command, pid, now: clock.now() });
  return redactedStore(store, createRedactor(secretsOf(readEnvironment(context))));
}

/** Opens the queue of a folder that no controller holds. An embedded queue that was never made is not made by looking: `none`. */
export async function withQueue<T>(
  context: CliContext,
  folder: string,
  work: (queue: QueueStore, signal: AbortSignal) => Promise<T>,
  none: T,
): Promise<T> {
  const target = chooseQueue(readEnvironment(context));
  const data = join(folder, 'queue');
  if (target.kind === 'embedded') {
    requireState(folder, 'queues');
    if (!existsSync(data)) return none;
  }
  const store = target.kind === 'embedded' ? openFolder(context, folder, 'queues') : undefined;
  try {
    const queue = await openQueueStore(target, { folder: data });
    try {
      return await work(queue, AbortSignal.timeout(queueMs));
    } finally {
      await queue.close();
    }
  } finally {
    store?.close();
  }
}

/** A mistyped folder must not look like an empty one. Where only `state.json` is gone, `undo` brings it back. */
function requireState(folder: string, command: string): void {
  if (existsSync(join(folder, 'state.json'))) return;
  const isKept = hasGenerations(join(folder, 'generations'));
  if (isKept && command === 'undo') return;
  const isNew = !existsSync(join(folder, 'sluice.db'));
  const make = isNew ? './run.sh go makes one' : 'write one, as state.example.json shows';
  const hint = isKept ? 'an earlier version can be brought back: ./run.sh undo' : make;
  throw new SettingError(`there is no state.json in ${folder}`, `${hint}; --state names another folder`);
}

const queueMs = 15_000;
