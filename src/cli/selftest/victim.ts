import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Clock } from '../../model/clock.ts';
import { type Job, type Report, reportSchema } from './job.ts';

/** How to start a process under test: a program and its arguments, and the environment it gets beside its job's. */
export interface VictimProgram {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How a process under test ended. */
export interface Ended {
  /** `killed`: at the moment its job named. `late`: it was still there after the deadline. */
  readonly how: 'killed' | 'exited' | 'late';
  readonly code: number | null;
  readonly reports: readonly Report[];
  /** The end of what it wrote to standard error. */
  readonly complaint: string;
}

/** No start under test takes longer; a process that hangs is a finding. */
const longestMs = 40_000;

/** Runs one job to its end, which is rarely a peaceful one. @throws AbortError when `signal` aborts; the process is gone then */
export async function runVictim(
  { command: [program, ...args], env }: VictimProgram,
  job: Job,
  clock: Clock,
  signal: AbortSignal,
): Promise<Ended> {
  signal.throwIfAborted();
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const reports: Report[] = [];
  let complaint = '';
  let late = false;
  const kill = (): void => void child.kill('SIGKILL');
  const enough = new AbortController();
  const expire = async (): Promise<void> => {
    await clock.sleep(longestMs, enough.signal);
    late = true;
    kill();
  };
  const deadline = expire().catch(() => {});
  signal.addEventListener('abort', kill, { once: true });
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(job)}\n`);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => reports.push(readReport(line)));
  try {
    await once(child, 'close');
  } finally {
    signal.removeEventListener('abort', kill);
    enough.abort();
    await deadline;
  }
  signal.throwIfAborted();
  const killed = reports.some((report) => report.type === 'passed' && report.killed);
  return { how: late ? 'late' : killed ? 'killed' : 'exited', code: child.exitCode, reports, complaint };
}

/** Whatever else stands on standard output is somebody's complaint. */
function readReport(line: string): Report {
  try {
    return reportSchema.parse(JSON.parse(line));
  } catch {
    return { type: 'trouble', message: line };
  }
}
