import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Client, type QueryResult } from 'pg';
import { freePort } from './redis.ts';
import { until } from './until.ts';

export interface TestPostgres {
  /** With the password of the superuser; the database is `postgres`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Another connection of the superuser, ended with the server. */
  readonly connect: (database?: string) => Promise<Client>;
  /** Statements one after the other, by the superuser; the result of the last. */
  readonly sql: (text: string, database?: string) => Promise<QueryResult<Record<string, unknown>>>;
  /** A new empty database. @returns its URL */
  readonly database: (name: string, options?: string) => Promise<string>;
  /** SIGKILL to the server and every process of its. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and data. */
  readonly start: () => Promise<void>;
  /** SIGSTOP to all of it: connections stay open and nothing is answered. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Ends it for good and removes its files. */
  readonly stop: () => Promise<void>;
}

export interface TestPostgresOptions {
  readonly port?: number;
  /** Further settings, `name=value`. */
  readonly settings?: readonly string[];
  /** Files that are put into the data folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export const noPostgres = 'no postgres server found';

/** Whether there is a Postgres server on this machine: on PATH, or where Debian keeps them. */
export function hasPostgres(): boolean {
  return programs() !== undefined;
}

/** A private server on a free loopback port, with a password. As root it runs as another user, which it insists on. */
export async function startPostgres({
  port: wanted,
  settings = [],
  files = {},
}: TestPostgresOptions = {}): Promise<TestPostgres> {
  const bin = programs();
  if (bin === undefined) throw new Error(noPostgres);
  const port = wanted ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'sluice-postgres-'));
  const data = join(folder, 'data');
  const owner = ordinaryUser();
  const given = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=50',
    'shared_buffers=16MB',
    // In the data folder, so that a kill leaves nothing in /dev/shm.
    'dynamic_shared_memory_type=mmap',
    // A commit that was confirmed survives the end of the server all the same; only the machine may not fail.
    'fsync=off',
    'full_page_writes=off',
    ...settings,
  ];
  let server: ChildProcess | undefined;
  const clients = new Set<Client>();
  /** One for `sql` in each database. */
  const sessions = new Map<string, Promise<Client>>();

  const postgres: TestPostgres = {
    url: urlOf('postgres'),
    host: '127.0.0.1',
    port,
    async connect(database = 'postgres') {
      const client = new Client({ connectionString: urlOf(database) });
      client.on('error', () => undefined);
      await client.connect();
      clients.add(client);
      return client;
    },
    async sql(text, database = 'postgres') {
      const client = await (sessions.get(database) ?? openSession(database));
      const results: QueryResult | QueryResult[] = await client.query(text);
      const last = Array.isArray(results) ? results.at(-1) : results;
      if (last === undefined) throw new Error('no statement');
      return last;
    },
    async database(name, options = '') {
      await postgres.sql(`CREATE DATABASE "${name}" ${options}`);
      return urlOf(name);
    },
    async kill() {
      if (!server) return;
      const dying = server;
      server = undefined;
      await signalAll(data, 'SIGKILL');
      await ended(dying);
    },
    async start() {
      // A server that was killed may hold its memory for another moment; then the new one ends again at once.
      await until(() => tryToStart(), { what: 'a start of postgres', every: 20 });
    },
    async pause() {
      await signalAll(data, 'SIGSTOP');
    },
    async resume() {
      await signalAll(data, 'SIGCONT');
    },
    async stop() {
      if (server) {
        await postgres.resume();
        for (const client of clients) client.end().catch(() => undefined);
        // An immediate shutdown, unlike a kill, gives its shared memory back.
        await ended(server);
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };

  if (owner) await chown(folder, owner.uid, owner.gid);
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD, { mode: 0o644 });
  const how = ['--no-sync', '--locale=C', '--encoding=UTF8', '--auth=scram-sha-256', `--username=${USER}`];
  await run(join(bin, 'initdb'), [...how, `--pwfile=${passwordFile}`, '-D', data], { ...owner, cwd: folder });
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(data, name), text, { mode: 0o600 });
    if (owner) await chown(join(data, name), owner.uid, owner.gid);
  }
  await postgres.start();
  return postgres;

  function urlOf(database: string): string {
    return `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
  }

  function openSession(database: string): Promise<Client> {
    const opening = postgres.connect(database);
    const forget = () => sessions.delete(database);
    opening.then((client) => client.once('end', forget), forget);
    sessions.set(database, opening);
    return opening;
  }

  async function tryToStart(): Promise<boolean> {
    const settled = given.flatMap((setting) => ['-c', setting]);
    const command = [join(bin ?? '', 'postgres'), '-D', data, ...settled];
    const child = spawn('sh', ['-c', WATCHDOG, 'watchdog', ...command], {
      ...owner,
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await until(async () => child.exitCode !== null || (await postgres.sql('SELECT 1').then(() => true)), {
      what: 'an answer of postgres',
      every: 20,
    });
    if (child.exitCode !== null) {
      child.stdin.destroy();
      return false;
    }
    server = child;
    return true;
  }
}

const USER = 'sluice';
const PASSWORD = 'only/for@tests:ü';

// Ends the server (SIGQUIT: at once) when its standard input ends, which it also does when this process is killed.
const WATCHDOG = `
  exec 3<&0
  "$@" 3<&- &
  server=$!
  (cat <&3 >/dev/null; kill -QUIT $server; kill -CONT $server) 2>/dev/null &
  watch=$!
  wait $server
  code=$?
  kill $watch
  exit $code`;

async function ended(watchdog: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => watchdog.once('exit', resolve));
  watchdog.stdin?.destroy();
  if (watchdog.exitCode === null && watchdog.signalCode === null) await gone;
}

/** The folder of initdb and postgres: one on PATH, else the newest of Debian's, which are not on it. */
function programs(): string | undefined {
  const installed = globSync('/usr/lib/postgresql/*/bin').toSorted(
    (one, other) => versionIn(other) - versionIn(one),
  );
  return [...(process.env['PATH'] ?? '').split(delimiter), ...installed].find(
    (folder) => folder !== '' && ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  );
}

const versionIn = (folder: string) => Number(/\/(\d+)\/bin$/.exec(folder)?.[1] ?? 0);

function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody'])
    for (const [name, , uid, gid] of users)
      if (name === wanted) return { uid: Number(uid), gid: Number(gid) };
  throw new Error('postgres refuses to run as root, and there is neither a user postgres nor nobody');
}

/** The server first, so that it starts no more processes. */
async function signalAll(data: string, signal: NodeJS.Signals): Promise<void> {
  const [first = ''] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  const server = Number(first);
  if (signal !== 'SIGCONT') send(server, signal);
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  for (const line of stdout.split('\n')) {
    const [pid = 0, parent] = line.trim().split(/\s+/).map(Number);
    if (parent === server) send(pid, signal);
  }
  if (signal === 'SIGCONT') send(server, signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

const run = promisify(execFile);
