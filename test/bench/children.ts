import { type ChildProcess, spawn } from 'node:child_process';

export interface ChildOptions {
  readonly cwd?: string;
  /** Added to PATH and HOME, which is all that gets through of the caller's own. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Child {
  readonly pid: number;
  /** When it was started, as performance.now(). */
  readonly startedAt: number;
  /** What it printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Its exit code, once its output is complete; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly hasEnded: () => boolean;
  /** Sends a signal to this process and waits for its end; SIGKILL after 10 s. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>;
}

const running = new Map<ChildProcess, Promise<unknown>>();
process.on('exit', () => {
  for (const child of running.keys()) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stopAll());

/** Waits for their end, so that none writes into a folder that is being removed. */
async function stopAll(): Promise<void> {
  for (const child of running.keys()) child.kill('SIGKILL');
  await Promise.allSettled(running.values());
  process.exit(130);
}

/** Starts a program that ends with this process at the latest. Its standard input stays open and empty. */
export function startChild(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: ChildOptions = {},
): Child {
  const { PATH, HOME } = process.env;
  const startedAt = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: { PATH, HOME, TZ: 'UTC', NODE_ENV: 'production', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  running.set(child, ended);
  // Who waits for it hears of it; who does not must not crash the others.
  ended.catch(() => running.delete(child));
  return {
    pid: child.pid ?? 0,
    startedAt,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended.finally(() => clearTimeout(force));
    },
  };
}

/** Waits for the end of a child that must succeed, and returns what it printed. */
export async function outputOf(child: Child, what: string): Promise<string> {
  const code = await child.ended;
  if (code === 0) return child.stdout();
  throw new Error(
    `${what} ended with ${code}:\n${child.stdout().slice(-2000)}${child.stderr().slice(-2000)}`,
  );
}
