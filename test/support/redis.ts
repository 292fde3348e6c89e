import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';
import { until } from './until.ts';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly host: string;
  /** Where its files are. */
  readonly dir: string;
  /** SIGKILL. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and files, with other arguments if given. */
  readonly start: (args?: readonly string[]) => Promise<void>;
  /** SIGSTOP: connections stay open and nothing is answered. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends it for good and removes its files. */
  readonly stop: () => Promise<void>;
}

export interface TestRedisOptions {
  readonly port?: number;
  /** Arguments of redis-server, for example `['--appendonly', 'yes']`. */
  readonly args?: readonly string[];
}

/** Whether there is a redis-server on PATH. */
export function hasRedis(): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'redis-server'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A group of tests that needs a redis-server, skipped and named so where there is none. */
export function describeWithRedis(name: string, body: () => void): void {
  const present = hasRedis();
  describe.skipIf(!present)(present ? name : `${name} (skipped: no redis-server on PATH)`, body);
}

/** A private redis-server on a free loopback port that keeps nothing unless told to. */
export async function startRedis({ port: wanted, args = [] }: TestRedisOptions = {}): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-redis-'));
  const port = wanted ?? (await freePort());
  let given = args;
  let server: ChildProcess | undefined;

  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    dir,
    async kill() {
      if (!server) return;
      const dying = server;
      server = undefined;
      await end(dying);
    },
    async start(newArgs = given) {
      given = newArgs;
      const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
      const child = spawn('redis-server', [...fixed, '--daemonize', 'no', ...given], { stdio: 'ignore' });
      server = child;
      running.add(child);
      await until(
        async () => {
          if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
          return answers(port);
        },
        { what: 'an answer of redis-server', every: 5 },
      );
    },
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    async stop() {
      await redis.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

async function end(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await gone;
  running.delete(child);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

// Any reply but "loading" will do: a server with a password refuses, and is up.
function answers(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (reply) => {
      socket.destroy();
      resolve(!reply.toString().startsWith('-LOADING'));
    });
    socket.once('error', reject);
  });
}
