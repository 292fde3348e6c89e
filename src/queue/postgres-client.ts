import { Socket } from 'node:net';
import type { ClientConfig, Pool } from 'pg';
import type { Clock } from '../model/clock.ts';
import type { PostgresTarget } from './postgres-url.ts';

/** How every connection to a Postgres server is made. @param sockets gets the open ones, for whoever has to cut them */
export function clientConfig(target: PostgresTarget, sockets: Set<Socket>): ClientConfig {
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
    client_encoding: 'UTF8',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** Ends a pool within about a second, also where the server does not answer any more. Never rejects. */
export async function endPool(pool: Pool, sockets: ReadonlySet<Socket>, clock: Clock): Promise<void> {
  const stop = new AbortController();
  const ended = pool.end().catch(() => undefined);
  await Promise.race([ended, clock.sleep(1000, stop.signal).catch(() => undefined)]);
  stop.abort();
  for (const socket of sockets) socket.destroy();
}
