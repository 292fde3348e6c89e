import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used, by Linux's own count (proc(5)). */
export interface Usage {
  /** User and system time of all its threads. */
  readonly cpuSeconds: number;
  readonly residentMb: number;
  /** The most it ever had resident. */
  readonly peakMb: number;
}

/** Linux counts CPU time in these on every architecture Node runs on (USER_HZ). */
const ticksPerSecond = 100;

/** @returns undefined when the process is gone */
export function usageOf(pid: number): Usage | undefined {
  try {
    // The name in brackets may hold anything, spaces too; utime and stime are the 12th and 13th field after it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const megabytes = (name: string): number | undefined => {
      const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
      return found === undefined ? undefined : (Number(found) * 1024) / 1_000_000;
    };
    const residentMb = megabytes('VmRSS');
    const peakMb = megabytes('VmHWM');
    // A zombie has no memory any more.
    if (residentMb === undefined || peakMb === undefined) return undefined;
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      residentMb,
      peakMb,
    };
  } catch {
    return undefined;
  }
}

/** Looks at a process until it is gone. `last` is what was seen last, at most `everyMs` before its end. */
export function watchUsage(pid: number, everyMs: number): { last(): Usage } {
  let last = usageOf(pid);
  const timer = setInterval(() => {
    const now = usageOf(pid);
    if (now) last = now;
    else clearInterval(timer);
  }, everyMs);
  timer.unref();
  return {
    last() {
      clearInterval(timer);
      last = usageOf(pid) ?? last;
      if (!last) throw new Error(`process ${pid} was never seen`);
      return last;
    },
  };
}

/** The process itself or the one below it whose command line has `part` in it. */
export function findProcess(pid: number, part: string): number | undefined {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(part)) return pid;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ');
      for (const child of children.filter((text) => text !== '')) {
        const found = findProcess(Number(child), part);
        if (found !== undefined) return found;
      }
    }
  } catch {
    // Gone meanwhile.
  }
  return undefined;
}
