import type { Socket } from 'node:net';
import { type ClientBase, DatabaseError, Pool, type QueryResult } from 'pg';
import type { Clock } from '../model/clock.ts';
import { clientConfig, endPool } from '../queue/postgres-client.ts';
import type { PostgresTarget } from '../queue/postgres-url.ts';

/** Runs one statement inside a transaction. */
export type Run = (
  text: string,
  params?: readonly unknown[],
) => Promise<QueryResult<Record<string, unknown>>>;

export interface Transactions {
  /**
   * Runs `work` in a READ COMMITTED transaction of its own; resolves when it is committed. A failure rolls it back. When
   * `signal` aborts the connection is dropped, and the server rolls back, unless it was committing already.
   * Rejects with what pg throws, or an AbortError.
   */
  readonly run: <T>(signal: AbortSignal, work: (run: Run) => Promise<T>) => Promise<T>;
  /** Idempotent, never rejects, done within about a second. */
  readonly close: () => Promise<void>;
}

/** Connections to a Postgres server, made when they are needed, `most` at a time. */
export function createTransactions(target: PostgresTarget, most: number, clock: Clock): Transactions {
  const sockets = new Set<Socket>();
  const pool = new Pool({
    ...clientConfig(target, sockets),
    max: most,
    application_name: 'sluice:consumer',
    connectionTimeoutMillis: CONNECT_MS,
    // For a server that does not keep to its own limit.
    query_timeout: STATEMENT_MS + 1000,
  });
  // A connection that breaks while nobody uses it is replaced by the next one.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  let closing: Promise<void> | undefined;
  return { run, close: () => (closing ??= endPool(pool, sockets, clock)) };

  async function run<T>(signal: AbortSignal, work: (run: Run) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const client = await pool.connect();
    const lease = leaseOf(client);
    const drop = (): void => lease.end(true);
    signal.addEventListener('abort', drop, { once: true });
    try {
      signal.throwIfAborted();
      await client.query(BEGIN);
      const result = await work((text, params = []) =>
        client.query<Record<string, unknown>>(text, [...params]),
      );
      // Invariant 1: only now is the chunk durable, and its job may be completed.
      await client.query('COMMIT');
      lease.end(false);
      return result;
    } catch (error) {
      // What is no answer of the server leaves the connection in an unknown state.
      const isFit = error instanceof DatabaseError && !signal.aborted && (await rollBack(client));
      lease.end(!isFit);
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', drop);
    }
  }
}

const CONNECT_MS = 5000;

// A chunk takes tens of milliseconds; longer means that somebody holds a lock, or that the server is stalled.
const STATEMENT_MS = 30_000;

// Within the transaction, as connection poolers refuse such settings when a connection is made. A database whose commits
// do not wait for the disk would lose chunks that are confirmed; any stricter setting of its own stays.
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED;
  SET LOCAL statement_timeout = ${STATEMENT_MS};
  SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`;

/** Gives a client back once: destroyed, or for the next one. */
function leaseOf(client: ClientBase & { release(destroy: boolean): void }): { end(destroy: boolean): void } {
  let isOver = false;
  return {
    end(destroy) {
      if (isOver) return;
      isOver = true;
      client.release(destroy);
    },
  };
}

/** Whether the connection is fit for another transaction. */
async function rollBack(client: ClientBase): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}
