import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { until } from '../support/until.ts';
import { startChild } from './children.ts';
import { makeTemporary } from './temporary.ts';

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  readonly empty: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A private redis-server that keeps nothing on disk. */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = makeTemporary();
  const port = await freePort();
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path];
  const server = startChild('redis-server', [...place, '--save', '', '--appendonly', 'no']);
  const client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 20, lazyConnect: false });
  client.on('error', () => {});
  const early = server.ended.then((code) => {
    throw new Error(`redis-server ended with ${code}: ${server.stdout()}`);
  });
  await Promise.race([until(() => client.ping(), { what: 'an answer of redis-server' }), early]);
  early.catch(() => {});
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: server.pid,
    empty: async () => void (await client.flushall('SYNC')),
    async close() {
      client.disconnect();
      await server.end();
      folder.remove();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
