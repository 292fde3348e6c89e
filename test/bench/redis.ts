import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from '../support/until.ts';
import { startChild } from './children.ts';

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  readonly empty: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A private redis-server that keeps nothing on disk. */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-redis-'));
  const port = await freePort();
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const server = startChild('redis-server', [...place, '--save', '', '--appendonly', 'no']);
  const client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 20, lazyConnect: false });
  client.on('error', () => {});
  await until(() => client.ping(), { what: 'an answer of redis-server' });
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: server.pid,
    empty: async () => void (await client.flushall('SYNC')),
    async close() {
      client.disconnect();
      await server.end();
      await rm(folder, { recursive: true, force: true });
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
