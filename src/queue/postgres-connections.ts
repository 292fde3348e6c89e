import { Socket } from 'node:net';
import { isPgPool, type PgPool } from 'bullmq';
import { Client, type ClientConfig, Pool } from 'pg';
import type { Clock } from '../model/clock.ts';
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
  return { pool, alone, close: () => (closing ??= close()) };

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

  async function close(): Promise<void> {
    const stop = new AbortController();
    const ended = pool.end().catch(() => undefined);
    await Promise.race([ended, clock.sleep(1000, stop.signal).catch(() => undefined)]);
    stop.abort();
    for (const socket of sockets) socket.destroy();
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
    host: target.host,
    port: target.port,
    user: target.username,
    database: target.database,
    // A function, because pg looks for the password elsewhere when the text is empty.
    password: () => target.password ?? '',
    ssl: target.tls ? { rejectUnauthorized: true } : false,
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
    // No queue can have this name, so BullMQ does not take us for its workers.
    application_name: 'sluice:queue',
    // Where BullMQ's statements look for its tables.
    options: '-c search_path=bullmq',
    client_encoding: 'UTF8',
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    query_timeout: statementMs + 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}
