import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../model/clock.ts';
import { openConsumer, readWaiting } from './deliveries.ts';
import type { Job } from './job.ts';
import type { Origin } from './origin.ts';
import type { PlannedKill } from './points.ts';
import { readClaim, readEntry } from './standing.ts';
import { watchStateFile } from './state-watch.ts';
import { judge, type Verdict } from './verdict.ts';
import { type Ended, runVictim, type VictimProgram } from './victim.ts';

export interface CrashTest {
  readonly origin: Origin;
  /** An empty folder for the program's state. */
  readonly folder: string;
  /** A folder for what is only looked at. */
  readonly scratch: string;
  /** What names the queue: QUEUE_URL and the like. */
  readonly queueEnv: Readonly<Record<string, string>>;
  readonly queuePrefix: string;
  readonly victim: VictimProgram;
  readonly kills: readonly PlannedKill[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told before each kill. */
  readonly onKill?: (kill: PlannedKill, number: number) => void;
  /** Told the id of each run that left its marker in the queue. */
  readonly onRun?: (id: string) => void;
  /** Whether there is time for another kill. */
  readonly goesOn?: () => boolean;
  /** Called between a kill and the next start, in place of the origin's changes. */
  readonly between?: () => Promise<void>;
  /** Whether records that count as confirmed are taken away from the source, `true` by default. */
  readonly forgets?: boolean;
}

export interface CrashResult extends Verdict {
  readonly kills: number;
  readonly starts: number;
  /** The fail points that a process was killed at. */
  readonly killedAt: readonly string[];
  /** Planned kills whose point no start came to. */
  readonly unreached: readonly string[];
  /** Every fail point that was passed. */
  readonly passed: readonly string[];
  /** What was wrong beyond lost, replayed and miscounted records; empty when nothing was. */
  readonly faults: readonly string[];
  /** How often the state file was read while it was being written. */
  readonly looks: number;
}

/** Between two starts, by the clocks of the source and of the program: what changed before is then part of a window. */
const pauseMs = 10_000;
/** A point may lie behind the end of what an earlier kill left to do; the next start has new changes to sync. */
const mostTries = 3;

/**
 * Starts the program again and again, kills it at each planned moment, lets the source change in between, and at last
 * compares what arrived in the queue with what is and was in the source (S8, S9, S12, S13, S24).
 * @throws AbortError when `signal` aborts; no process is left behind
 */
export async function crash(test: CrashTest): Promise<CrashResult> {
  const { origin, folder, scratch, clock, signal } = test;
  const path = join(folder, 'state.json');
  writeFileSync(path, stateText(origin));
  await using consumer = await openConsumer(test);
  const watch = watchStateFile(path, clock);
  const given = new Map<string, number>();
  const totals = new Map<string, number>();
  const due = new Set<string>();
  const passed = new Set<string>();
  const killedAt: string[] = [];
  const unreached: string[] = [];
  const faults: string[] = [];
  let starts = 0;

  const start = async (job: Partial<Pick<Job, 'kill' | 'quits' | 'loseReplyEvery'>>): Promise<Ended> => {
    starts += 1;
    const { queueEnv, queuePrefix, victim } = test;
    const env = { ...origin.env, ...queueEnv };
    const aheadMs = starts * pauseMs;
    const ended = await runVictim(
      victim,
      { folder, env, queuePrefix, aheadMs, unconsumed: consumer === undefined, quits: false, ...job },
      clock,
      signal,
    );
    for (const report of ended.reports) {
      if (report.type === 'run') test.onRun?.(report.id);
      if (report.type === 'chunks') for (const id of report.ids) if (!given.has(id)) given.set(id, starts);
      if (report.type === 'finished') totals.set(report.run, report.published);
      if (report.type === 'passed') for (const point of report.points) passed.add(point);
    }
    return ended;
  };
  /** Takes the dead process at its word: what it says to have confirmed has to be in the queue. */
  const takeAtItsWord = (): void => {
    const claimed = origin.claimed(readClaim(folder, scratch));
    if (test.forgets === false) return;
    for (const name of claimed) due.add(name);
    origin.forget(claimed);
  };
  const change = async (): Promise<void> => {
    if (test.between) await test.between();
    else origin.change();
    origin.advance(pauseMs);
  };
  const isSound = (ended: Ended, what: string): boolean => {
    if (ended.how === 'killed' || (ended.how === 'exited' && ended.code === 0)) return true;
    faults.push(`${what}: ${whyUnsound(ended)}`);
    return false;
  };
  const kill = async (planned: PlannedKill): Promise<boolean> => {
    for (let attempt = 1; attempt <= mostTries; attempt += 1) {
      const ended = await start(jobOf(planned, attempt));
      if (!isSound(ended, `start ${starts}, to be killed at ${planned.point}`)) return false;
      takeAtItsWord();
      await change();
      if (ended.how === 'killed') {
        killedAt.push(planned.point);
        return true;
      }
    }
    unreached.push(planned.point);
    return true;
  };

  try {
    let isAlive = true;
    for (const [index, planned] of test.kills.entries()) {
      if (!isAlive || test.goesOn?.() === false) break;
      test.onKill?.(planned, index + 1);
      isAlive = await kill(planned);
    }
    // The first ends what was left, the second reads what has changed since that began.
    for (let round = 0; isAlive && round < 2; round += 1) {
      isAlive = isSound(await start({}), `start ${starts}, in peace`);
      origin.advance(pauseMs);
    }
  } finally {
    await watch.close();
  }
  const entry = readEntry(path);
  if (entry.ok) for (const name of origin.due(entry.cursor)) due.add(name);
  faults.push(...watch.faults, ...faultsOf(folder, origin, [...totals.values()].at(-1)));
  const { underWay } = origin;
  const verdict = judge({
    jobs: [...(consumer?.jobs ?? []), ...(await readWaiting(test))],
    given,
    due,
    totals,
    underWay,
  });
  return {
    ...verdict,
    kills: killedAt.length,
    starts,
    killedAt,
    unreached,
    passed: [...passed],
    faults,
    looks: watch.looks,
  };
}

/** Later attempts take the first passing: a run of changes is shorter than a full load. */
function jobOf(
  { point, passing = 1, quits = false, losesReplies }: PlannedKill,
  attempt: number,
): Pick<Job, 'kill' | 'quits' | 'loseReplyEvery'> {
  return {
    kill: { point, passing: attempt === 1 ? passing : 1 },
    quits,
    ...(losesReplies && { loseReplyEvery: 3 }),
  };
}

/** As a person writes it: with a comment and a field of their own, which have to stay. */
function stateText({ entry, begin }: Origin): string {
  return `[\n  // kept by hand\n  ${JSON.stringify({ note: 'mine', ...entry, ...begin })}\n]\n`;
}

function whyUnsound({ how, code, reports, complaint }: Ended): string {
  const troubles = reports.flatMap((report) => (report.type === 'trouble' ? [report.message] : []));
  const said = [...troubles.slice(-3), complaint.trim()].filter((text) => text !== '').join('; ');
  const what = how === 'late' ? 'it did not end' : `it ended with code ${code}`;
  return said === '' ? what : `${what}: ${said}`;
}

/** What a folder in step must not show. */
function faultsOf(folder: string, { entry }: Origin, total: number | undefined): string[] {
  const found = readEntry(join(folder, 'state.json'));
  if (!found.ok) return [`state.json at the end: ${found.reason}`];
  const temporary = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('queue') && (name.endsWith('.tmp') || name.includes('.aside-')),
  );
  return [
    ...temporary.map((name) => `${name} was left behind`),
    ...Object.entries({ note: 'mine', ...entry }).flatMap(([name, value]) =>
      new Map<string, unknown>(Object.entries(found.raw)).get(name) === value
        ? []
        : [`state.json lost "${name}"`],
    ),
    ...(found.raw['total_updates'] === total
      ? []
      : [`total_updates is ${String(found.raw['total_updates'])}, not ${total}`]),
  ];
}
