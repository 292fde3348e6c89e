import type { Socket } from 'node:net';
import { isPgPool, type PgPool } from 'bullmq';
import { Client, type ClientConfig, Pool } from 'pg';
import type { Clock } from '../model/clock.ts';
import { clientConfig, endPool } from './postgres-client.ts';
import type { PostgresTarget } from './postgres-url.ts';

export interface PostgresConnections {
  readonly pool: PgPool;
  /** A connection of its own for work that takes longer than one operation may; ended when the work is. */
  readonly alone: <T>(work: (client: Client) => Promise<T>) => Promise<T>;
  /** Idempotent, never rejects, done within about a second. */
  readonly close: () => Promise<void>;
}

/**
 * Connections to a Postgres server. None is made before it is needed. Each statement is ended by the server after
 * `deadlineMs`; where the server does not do so, the connection is given up a second later.
 */
export function createPostgresConnections(
  target: PostgresTarget,
  deadlineMs: number,
  clock: Clock,
): PostgresConnections {
  const sockets = new Set<Socket>();
  const pool = new Pool({ ...config(target, deadlineMs, deadlineMs, sockets), max: POOL_SIZE });
  // Every BullMQ queue adds a listener to the pool.
  pool.setMaxListeners(0);
  pool.on('error', () => undefined);
  // BullMQ takes clients out of the pool without listening: a connection that broke then would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  let closing: Promise<void> | undefined;

  // Their types word `on` differently.
  if (!isPgPool(pool)) throw new Error('This pg has other pools than BullMQ asks for');
  return { pool, alone, close: () => (closing ??= endPool(pool, sockets, clock)) };

  async function alone<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client(config(target, deadlineMs, ALONE_MS, sockets));
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await work(client);
    } finally {
      // Not awaited: a server that stalls would not answer this either.
      client.end().catch(() => undefined);
    }
  }
}

// Eight adds at a time publish about twice as fast as one (measured), and small servers allow few connections in all.
const POOL_SIZE = 8;

// A migration under load, or waiting for the one of another process.
const ALONE_MS = 60_000;

function config(
  target: PostgresTarget,
  connectMs: number,
  statementMs: number,
  sockets: Set<Socket>,
): ClientConfig {
  return {
    ...clientConfig(target, sockets),
    // No queue can have this name, so BullMQ does not take us for its workers.
    application_name: 'sluice:queue',
    // Where BullMQ's statements look for its tables.
    options: '-c search_path=bullmq',
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    query_timeout: statementMs + 1000,
  };
}
