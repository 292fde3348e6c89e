import type { Clock } from '../model/clock.ts';
import { QueueError, SettingError } from '../model/errors.ts';
import { createBounded } from './bounded.ts';
import { connectRedis, type RedisConnection } from './redis-connection.ts';
import { chooseQueue, parseQueueUrl, type RedisTarget } from './url.ts';

/** The keys in which the old importer keeps how far it got, as decimal strings (systems.md 3.1, S16). */
export interface OrdinalKeyStore {
  /** The URL without its credentials. */
  readonly name: string;
  /**
   * What a key holds; undefined when there is none.
   * @throws QueueError when the store does not answer within the deadline (`retry`), or the key holds no ordinal (`config`)
   */
  read(key: string, signal: AbortSignal): Promise<number | undefined>;
  /** @throws QueueError as `read` */
  write(key: string, value: number, signal: AbortSignal): Promise<void>;
  /** Idempotent, never rejects. */
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the keys are: `REDIS_URI`, as the old importer has it, else the queue's Redis; undefined with another queue (S16).
 * Throws a SettingError whose text never holds the value, as that may hold a password.
 */
export function chooseOrdinalKeys(env: Environment): RedisTarget | undefined {
  const url = env['REDIS_URI']?.trim();
  const target = url ? parseQueueUrl(url, 'REDIS_URI') : chooseQueue(env);
  if (target.kind === 'redis') return target;
  if (!url) return undefined;
  throw new SettingError(
    'REDIS_URI is not the URL of a Redis',
    'expected redis://host:port or rediss://host:port; leave it out where the old importer has no keys',
  );
}

export interface OrdinalKeysOptions {
  readonly clock: Clock;
  /** How long one operation may take, 5000 by default. */
  readonly deadlineMs?: number | undefined;
}

/** Connects with the first operation, so that a store that nobody needs is left alone. */
export function openOrdinalKeys(
  target: RedisTarget,
  { clock, deadlineMs = 5000 }: OrdinalKeysOptions,
): OrdinalKeyStore {
  let connection: RedisConnection | undefined;
  const bounded = createBounded({
    store: target.name,
    deadlineMs,
    clock,
    trouble: () => connection?.trouble(),
  });

  const run = async <T>(
    signal: AbortSignal,
    work: (client: RedisConnection['client']) => Promise<T>,
  ): Promise<T> =>
    await bounded.run(signal, async (stop) => {
      connection ??= connectRedis(target, deadlineMs, () => {});
      await connection.ready(stop);
      return await work(connection.client);
    });

  return {
    name: target.name,
    async read(key, signal) {
      const text = await run(signal, (client) => client.get(key));
      return text === null ? undefined : ordinalIn(text, key, target.name);
    },
    write: (key, value, signal) => run(signal, async (client) => void (await client.set(key, String(value)))),
    async close() {
      bounded.close();
      await connection?.close();
    },
  };
}

function ordinalIn(text: string, key: string, store: string): number {
  const ordinal = /^\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(ordinal)) return ordinal;
  throw new QueueError(`${key} in ${store} holds no ordinal`, {
    code: 'queue.no_ordinal',
    recovery: 'config',
    hint: 'set it to a whole number, delete it, or write latest_ordinal into state.json',
  });
}
