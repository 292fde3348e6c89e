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
import { openStore, type Store } from '../store/store.ts';
import type { CliContext } from './context.ts';
import { readEnvironment, secretsOf } from './environment.ts';

/** Asks the controller that runs on a folder; undefined when none does. */
export async function ask<T>(
  context: CliContext,
  folder: string,
  question: Question<T>,
): Promise<T | undefined> {
  return await askController(socketPath(folder, context.temporary, context.user), question);
}

/** Opens a folder that no controller holds, for the length of one command (S18). @throws LockedError, SettingError */
export function openFolder(context: CliContext, folder: string, command: string): Store {
  requireState(folder);
  const { pid, clock } = context;
  const store = openStore({ folder, command, waitMs: 2000, pid, now: clock.now() });
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
    requireState(folder);
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

/** A mistyped folder must not look like an empty one. */
function requireState(folder: string): void {
  if (existsSync(join(folder, 'state.json'))) return;
  throw new SettingError(
    `there is no state.json in ${folder}`,
    './run.sh go makes one; --state names another folder',
  );
}

const queueMs = 15_000;
