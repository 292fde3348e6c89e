import { z } from 'zod';
import { SettingError } from '../model/errors.ts';
import type { RunReport } from '../model/run-report.ts';
import { limitName } from '../model/run-totals.ts';
import type { RunStore } from '../store/runs.ts';
import { readArguments, stateFolder } from './arguments.ts';
import type { CliContext } from './context.ts';
import { askOrOpen, openFolder } from './folder.ts';
import { createOutput } from './output.ts';
import { reportOf } from './run-report.ts';
import { historyUsage, mostRuns } from './usage/looks.ts';

const count = z.number();
const answerSchema: z.ZodType<RunReport[]> = z.array(
  z.object({
    id: z.string(),
    entry: z.string(),
    mode: z.enum(['LOAD', 'SYNC']),
    result: z.enum(['done', 'writing', 'running', 'unfinished', 'stopped', 'cancelled', 'failed']),
    reason: z.string().nullable(),
    started: z.string(),
    finished: z.string().nullable(),
    read: count,
    published: count,
    ignored: count,
    requests: count,
    retried: count,
    slowestMs: count,
    reread: count,
    dead: count,
    bytes: count,
    seconds: count,
    limitedBy: z.enum(['source', 'queue', 'workers', 'quota']).nullable(),
  }),
);

/** `history [ENTRY] [--limit N]`: the newest runs, what they did and what held them up; kept for 90 days. */
export async function history(context: CliContext): Promise<number> {
  const { values, positionals } = readArguments(context, historyUsage.options, 1);
  const limit = readLimit(values.limit);
  const [entry] = positionals;
  const folder = stateFolder(context, values.state);
  const query = { limit: String(limit), ...(entry === undefined ? {} : { entry }) };
  const question = { path: '/history', query, answer: answerSchema };
  const runs = await askOrOpen<readonly RunReport[]>(context, folder, question, () =>
    readHistory(context, folder, limit, entry),
  );
  if (runs.length === 0 && !values.json) {
    context.print('no run is known; runs are kept for 90 days, and ./run.sh status lists the entries\n');
    return 0;
  }
  createOutput(context, values.json).table(header, runs, rowOf);
  return 0;
}

/** What a running controller answers. @throws SettingError for a limit that is none */
export function answerHistory(
  runs: RunStore,
  query: URLSearchParams,
  isOn: (runId: string) => boolean,
): readonly RunReport[] {
  const limit = readLimit(query.get('limit') ?? historyUsage.options.limit.default);
  return runs.recent(limit, query.get('entry') ?? undefined).map((run) => reportOf(run, isOn(run.id)));
}

function readHistory(
  context: CliContext,
  folder: string,
  limit: number,
  entry: string | undefined,
): readonly RunReport[] {
  const store = openFolder(context, folder, 'history');
  try {
    // Nobody but a controller runs anything.
    return store.runs.recent(limit, entry).map((run) => reportOf(run, false));
  } finally {
    store.close();
  }
}

function readLimit(text: string): number {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= mostRuns) return limit;
  throw new SettingError(`--limit ${text} cannot be used`, `expected: a whole number from 1 to ${mostRuns}`);
}

const header = [
  'STARTED',
  'ENTRY',
  'MODE',
  'READ',
  'PUBLISHED',
  'IGNORED',
  'REREAD',
  'DEAD',
  'BYTES',
  'SECONDS',
  'REQUESTS',
  'RETRIED',
  'SLOWEST',
  'LIMITED BY',
  'RESULT',
];

function rowOf(run: RunReport): readonly string[] {
  return [
    run.started,
    run.entry,
    run.mode,
    String(run.read),
    String(run.published),
    String(run.ignored),
    String(run.reread),
    String(run.dead),
    String(run.bytes),
    String(run.seconds),
    String(run.requests),
    String(run.retried),
    run.slowestMs === 0 ? '-' : `${run.slowestMs} ms`,
    run.limitedBy === null ? '-' : limitName(run.limitedBy),
    run.reason === null ? run.result : `${run.result}: ${run.reason}`,
  ];
}
