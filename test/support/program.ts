import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The real program, compiled from this checkout, in a folder of its own: what it makes beside itself stays there. */
export interface Program {
  readonly root: string;
  /** Writes `.env` beside it. */
  writeEnv(text: string): void;
  /** Runs a command to its end, for at most 50 s. */
  run(args: readonly string[], options?: StartOptions): Promise<Ended>;
  start(args: readonly string[], options?: StartOptions): Running;
  /** Ends what was started and removes the folder. */
  close(): void;
}

export interface StartOptions {
  /** Nothing else of the test's own environment but PATH and HOME gets through. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `pipe` collects what is printed; `unread` is a pipe that nobody reads until somebody listens to it. */
  readonly stdout?: 'pipe' | 'unread' | number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it printed so far. */
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<Ended>;
}

const checkout = fileURLToPath(new URL('../../', import.meta.url));

export function installProgram(): Program {
  const root = mkdtempSync(join(tmpdir(), 'sluice-program-'));
  cpSync(compiled(), root, { recursive: true });
  copyFileSync(join(checkout, 'package.json'), join(root, 'package.json'));
  symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'));
  const running = new Set<ChildProcess>();

  const start = (args: readonly string[], { env, stdout = 'pipe' }: StartOptions = {}): Running => {
    const { PATH, HOME } = process.env;
    const child = spawn(process.execPath, [join(root, 'dist/main.js'), ...args], {
      cwd: root,
      env: { PATH, HOME, TZ: 'UTC', NODE_ENV: 'production', ...env },
      stdio: ['ignore', typeof stdout === 'number' ? stdout : 'pipe', 'pipe'],
    });
    running.add(child);
    let printed = '';
    let complained = '';
    if (stdout === 'pipe') child.stdout?.on('data', (part: Buffer) => (printed += part.toString()));
    child.stderr?.on('data', (part: Buffer) => (complained += part.toString()));
    // `close` would wait for the end of a pipe that nobody reads.
    const ended = new Promise<Ended>((resolve) => {
      child.once(stdout === 'unread' ? 'exit' : 'close', (code, signal) => {
        running.delete(child);
        resolve({ code, signal, stdout: printed, stderr: complained });
      });
    });
    return { child, pid: child.pid ?? 0, stdout: () => printed, stderr: () => complained, ended };
  };

  return {
    root,
    writeEnv: (text) => writeFileSync(join(root, '.env'), text),
    start,
    async run(args, options) {
      const { child, ended } = start(args, options);
      const timer = setTimeout(() => child.kill('SIGKILL'), 50_000);
      return await ended.finally(() => clearTimeout(timer));
    },
    close() {
      for (const child of running) child.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** A folder that holds `dist/`, compiled once for each version of the sources and shared by all test files. */
function compiled(): string {
  const cache = join(checkout, 'node_modules/.cache/sluice-program');
  const folder = join(cache, stampOfSources());
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  dropOld(cache);
  const fresh = mkdtempSync(join(cache, 'new-'));
  const dist = join(fresh, 'dist');
  // Types are checked elsewhere.
  const options = ['--noEmit', 'false', '--noCheck', '--outDir', dist];
  const tsc = spawnSync(join(checkout, 'node_modules/.bin/tsc'), options, {
    cwd: checkout,
    encoding: 'utf8',
  });
  if (tsc.status !== 0) throw new Error(`the sources do not compile: ${tsc.stdout}${tsc.stderr}`);
  for (const name of globSync('*.{example,schema}.json', { cwd: join(checkout, 'state') })) {
    copyFileSync(join(checkout, 'state', name), join(dist, name));
  }
  writeFileSync(join(dist, 'help.txt'), helpText());
  try {
    renameSync(fresh, folder);
  } catch {
    // Another test file was quicker.
    rmSync(fresh, { recursive: true });
  }
  return folder;
}

function stampOfSources(): string {
  const files = [...globSync('src/**/*.{ts,tsx}', { cwd: checkout }), 'tsconfig.json', 'run.sh'].toSorted();
  return hash(
    'sha1',
    files.map((file) => `${file} ${readFileSync(join(checkout, file), 'utf8')}`).join('\n'),
  );
}

/** What `run.sh` copies into `dist/help.txt`. */
function helpText(): string {
  return /^help='(.*?)'$/ms.exec(readFileSync(join(checkout, 'run.sh'), 'utf8'))?.[1] ?? '';
}

function dropOld(cache: string): void {
  const anHourAgo = Date.now() - 3_600_000;
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name);
    if (statSync(folder).mtimeMs < anHourAgo) rmSync(folder, { recursive: true, force: true });
  }
}
