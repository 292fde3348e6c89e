import { type Consumer, openConsumer } from '../consumer/open.ts';
import type { Clock } from '../model/clock.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import type { QueueStore } from '../queue/contract.ts';
import { chooseQueue } from '../queue/url.ts';

/** A consumer inside the controller, for a queue that no other process can reach (issue 5, section 3). */
export interface InsideConsumer {
  /** Takes the setting `consume` into force: the queue it names, none when it is empty. */
  apply(queueName: string): void;
  /** Finishes the jobs at work. Idempotent, never rejects. */
  close(): Promise<void>;
}

/**
 * Whether the inside consumer is the only one there can be, and keeps the newest version of each record, as its tables
 * in Postgres do. @throws SettingError when QUEUE_URL cannot be read
 */
export function keepsNewest(env: InsideConsumerParts['env']): boolean {
  return chooseQueue(env).kind === 'embedded' && /^postgres(ql)?:/i.test(env['CONSUME_TO']?.trim() ?? '');
}

export interface InsideConsumerParts {
  readonly queue: QueueStore;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly emit: Emit;
}

export function createInsideConsumer({ queue, env, clock, emit }: InsideConsumerParts): InsideConsumer {
  let name = '';
  let consumer: Consumer | undefined;
  let closing: Promise<void> = Promise.resolve();

  const tell = (level: 'info' | 'error', message: string): void => {
    emit({ type: 'notice', level, topic: 'consumer', message });
  };
  const open = (): Consumer | undefined => {
    const to = env['CONSUME_TO']?.trim() ?? '';
    if (to === '') {
      tell('error', `the setting "consume" names ${name}, but CONSUME_TO does not say where its jobs go`);
      return undefined;
    }
    try {
      const opened = openConsumer({ queue: queue.queue(name), to, concurrency: 1, clock, emit });
      opened.started.then(
        () => tell('info', `storing the jobs of ${name} in ${opened.target}`),
        (error: unknown) => fail(error),
      );
      return opened;
    } catch (error) {
      fail(error);
      return undefined;
    }
  };
  const fail = (thrown: unknown): void => {
    if (isAbort(thrown)) return;
    const { message, hint } = asSluiceError(thrown);
    tell('error', `${name} is not consumed: ${message}${hint === undefined ? '' : ` - ${hint}`}`);
  };
  const change = async (before: Promise<void>, next: string): Promise<void> => {
    await before;
    await stop();
    if (name === next && next !== '') consumer = open();
  };
  const stop = async (): Promise<void> => {
    const old = consumer;
    consumer = undefined;
    await old?.close();
  };

  return {
    apply(next) {
      if (next === name) return;
      name = next;
      closing = change(closing, next);
    },
    async close() {
      name = '';
      closing = closing.then(stop);
      await closing;
    },
  };
}
