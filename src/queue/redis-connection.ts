import { Redis } from 'ioredis';
import { isNoDatabase, isRefusedLogin } from './failure.ts';
import type { RedisTarget } from './url.ts';

export interface RedisConnection {
  readonly client: Redis;
  /** The last error since the connection was good. */
  readonly trouble: () => string | undefined;
  /** Resolves when commands can be sent; rejects when the server refuses our credentials or `signal` aborts. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  /** The same, but as long as the server was never there it rejects when the next try to connect fails. */
  readonly readyOrRefused: (signal: AbortSignal) => Promise<void>;
  /** Idempotent, never rejects. */
  readonly close: () => Promise<void>;
}

/**
 * A connection that looks after itself: it comes back within about a second of the server, and nothing piles up in it
 * while the server is away. `onReady` is called each time it is up.
 */
export function connectRedis(target: RedisTarget, deadlineMs: number, onReady: () => void): RedisConnection {
  let isLeaving = false;
  const client = new Redis({
    ...redisOptions(target, deadlineMs),
    // Commands under way when the connection breaks are sent again a few times, then given up: their ids make that
    // harmless, and the caller publishes them again anyway.
    maxRetriesPerRequest: 3,
    // A server that stalls: without this, unanswered commands would pile up in memory for as long as it does.
    socketTimeout: deadlineMs,
    // Once a connection: every command under way is refused, and ioredis would end the socket as often.
    reconnectOnError(error) {
      if (isLeaving || !isOfReplica(error)) return false;
      isLeaving = true;
      return true;
    },
  });
  let trouble: string | undefined;
  /** The server answers, in the database that was asked for. */
  let isUsable = false;
  let wasUsable = false;
  // Waiters of our own: a listener on the client for each would make Node warn of a leak when Redis is down.
  const waiting = new Set<Waiter>();
  let closing: Promise<void> | undefined;
  // Without a listener ioredis prints to stderr and spoils the screen.
  client.on('error', (error: Error) => {
    note(error);
  });
  client.on('ready', () => void greet());
  client.on('close', () => {
    isUsable = false;
    isLeaving = false;
  });

  return {
    client,
    trouble: () => trouble,
    ready: (signal) => wait(signal, false),
    readyOrRefused: (signal) => wait(signal, !wasUsable),
    close: () => (closing ??= closeClient(client)),
  };

  function note(error: unknown): void {
    trouble = error instanceof Error ? error.message || error.name : String(error);
    for (const { reject, isHasty } of waiting) if (isHasty || isHopeless(trouble)) reject(new Error(trouble));
  }

  /** ioredis goes on in database 0 when there is none of the number it was given, and would publish there. */
  async function greet(): Promise<void> {
    try {
      if (target.db !== 0) await client.select(target.db);
    } catch (error) {
      return note(error);
    }
    isUsable = true;
    wasUsable = true;
    trouble = undefined;
    for (const { resolve } of waiting) resolve();
    onReady();
  }

  async function wait(signal: AbortSignal, isHasty: boolean): Promise<void> {
    if (isUsable && client.status === 'ready') return;
    if (trouble !== undefined && isHopeless(trouble)) throw new Error(trouble);
    const waiter = { ...Promise.withResolvers<void>(), isHasty };
    const giveUp = () => waiter.reject(signal.reason);
    waiting.add(waiter);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await waiter.promise;
    } finally {
      waiting.delete(waiter);
      signal.removeEventListener('abort', giveUp);
    }
  }
}

interface Waiter extends PromiseWithResolvers<void> {
  /** One failed try is enough for it. */
  readonly isHasty: boolean;
}

/** What no waiting mends: a person has to change a setting. */
function isHopeless(trouble: string): boolean {
  return isRefusedLogin(trouble) || isNoDatabase(trouble);
}

/** Connections of a BullMQ object that waits on the server, which it takes from `client` and from copies of it. */
export interface WaitingConnections {
  readonly client: Redis;
  /** Ends them all at once, whatever state they are in. */
  readonly cut: () => Promise<void>;
}

/** Connections that never give a command up: it is sent again when the server is back (docs.bullmq.io, "Connections"). */
export function connectWaiting(target: RedisTarget, deadlineMs: number): WaitingConnections {
  const cuts: (() => void)[] = [];
  const client = kept(
    new Redis({
      ...redisOptions(target, deadlineMs),
      maxRetriesPerRequest: null,
      socketTimeout: LONGEST_SILENCE_MS,
      // BullMQ connects what it uses.
      lazyConnect: true,
    }),
  );
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (own) => kept(duplicate(own));
  return {
    client,
    async cut() {
      for (const cut of cuts) cut();
    },
  };

  function kept<C extends Pick<Redis, 'on' | 'disconnect'>>(one: C): C {
    one.on('error', () => undefined);
    cuts.push(() => one.disconnect());
    return one;
  }
}

// BullMQ asks the server to be silent for 10 s at most.
const LONGEST_SILENCE_MS = 15_000;

function redisOptions(target: RedisTarget, deadlineMs: number) {
  return {
    host: target.host,
    port: target.port,
    db: target.db,
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls ? { tls: { rejectUnauthorized: true } } : {}),
    connectTimeout: deadlineMs,
    retryStrategy: (times: number) => Math.min(25 * 2 ** Math.min(times, 6), 1000),
    reconnectOnError: isOfReplica,
  };
}

/** After a failover the old connection may lead to a replica. */
function isOfReplica(error: Error): boolean {
  return error.message.startsWith('READONLY');
}

// QUIT lets what was sent before be answered; a server that does not answer is left alone after a second.
async function closeClient(client: Redis): Promise<void> {
  if (client.status === 'ready') {
    const timer = Promise.withResolvers<void>();
    const alarm = setTimeout(timer.resolve, 1000);
    await Promise.race([client.quit().catch(() => undefined), timer.promise]);
    clearTimeout(alarm);
  }
  client.disconnect();
}
