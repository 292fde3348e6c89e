import { z } from 'zod';
import type { Job, JobOutcome } from '../model/queues.ts';
import { MARKER_DAYS } from './retention.ts';
import type { Sql } from './sql.ts';

/** What is read and written in BullMQ's schema without BullMQ, on a server and embedded alike. */
export interface PostgresTables {
  /** Makes a queue known to `list` and to other tools, changing nothing that is there. */
  readonly announce: (queue: string) => Promise<void>;
  /** The jobs of a queue by state; a state without jobs is left out. */
  readonly countJobs: (queue: string) => Promise<Readonly<Record<string, number>>>;
  /** The first waiting jobs in the order in which they will be taken. */
  readonly peek: (queue: string, count: number) => Promise<readonly Job[]>;
  /** Where jobs stand, in the order of the ids. */
  readonly outcomes: (queue: string, ids: readonly string[]) => Promise<readonly JobOutcome[]>;
  /** Connections that carry the name of a worker on a queue, as BullMQ's Queue#getWorkers tells them. */
  readonly countSessions: (queue: string) => Promise<number>;
  readonly list: () => Promise<readonly string[]>;
  readonly putMarker: (runId: string) => Promise<void>;
  readonly hasMarker: (runId: string) => Promise<boolean>;
  readonly dropMarker: (runId: string) => Promise<void>;
}

export function createPostgresTables(sql: Sql): PostgresTables {
  return {
    // What BullMQ itself writes for a new queue: the length of its event stream.
    async announce(queue) {
      await sql(
        `INSERT INTO bullmq.meta (queue, field, value) VALUES ($1, 'opts.maxLenEvents', '10000') ON CONFLICT DO NOTHING`,
        [queue],
      );
    },
    // BullMQ's own counts say that nothing waits in a queue that is paused (bullmq 6.7, `getCounts`).
    async countJobs(queue) {
      const rows = await sql(
        'SELECT state, count(*)::int AS jobs FROM bullmq.job WHERE queue = $1 GROUP BY state',
        [queue],
      );
      return Object.fromEntries(countRows.parse(rows).map(({ state, jobs }) => [state, jobs]));
    },
    // BullMQ's own `getJobs` gives the newest jobs of a range here, not the oldest (bullmq 6.7, `get_range`).
    async peek(queue, count) {
      const rows = await sql(
        `SELECT id, name, data FROM bullmq.job WHERE queue = $1 AND state = 'waiting' ORDER BY priority, seq LIMIT $2`,
        [queue, count],
      );
      return jobRows.parse(rows);
    },
    // One statement sees one moment, and a job is one row in whatever state it is.
    async outcomes(queue, ids) {
      const rows = await sql(
        `SELECT id, state, failed_reason AS reason, attempts_made AS attempts,
                CASE WHEN state = 'failed' THEN stacktrace ->> -1 END AS stack
           FROM bullmq.job WHERE queue = $1 AND id = ANY ($2::text[])`,
        [queue, ids],
      );
      const found = new Map(outcomeRows.parse(rows).map((row) => [row.id, outcomeOf(row)]));
      return ids.map((id) => found.get(id) ?? { state: 'missing' });
    },
    async countSessions(queue) {
      const rows = await sql(
        `SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND (application_name = $1 OR starts_with(application_name, $1 || ':w:'))`,
        [queue],
      );
      return rows.length;
    },
    async list() {
      const rows = await sql('SELECT DISTINCT queue FROM bullmq.meta ORDER BY queue');
      return queueRows.parse(rows).map(({ queue }) => queue);
    },
    async putMarker(runId) {
      await sql(`INSERT INTO ${MARKER_TABLE} (run_id) VALUES ($1) ON CONFLICT DO NOTHING`, [runId]);
      await sql(`DELETE FROM ${MARKER_TABLE} WHERE put_at < now() - make_interval(days => $1)`, [
        MARKER_DAYS,
      ]);
    },
    async hasMarker(runId) {
      const rows = await sql(`SELECT 1 FROM ${MARKER_TABLE} WHERE run_id = $1`, [runId]);
      return rows.length === 1;
    },
    async dropMarker(runId) {
      await sql(`DELETE FROM ${MARKER_TABLE} WHERE run_id = $1`, [runId]);
    },
  };
}

/** The markers stand among BullMQ's tables, so that whatever loses the jobs loses them too (S13). */
export const MARKER_TABLE = 'bullmq.sluice_run_marker';

const countRows = z.array(z.object({ state: z.string(), jobs: z.number() }));
const jobRows = z.array(z.object({ id: z.string(), name: z.string(), data: z.unknown() }));
const outcomeRows = z.array(
  z.object({
    id: z.string(),
    state: z.string(),
    reason: z.string().nullable(),
    attempts: z.number(),
    stack: z.string().nullable(),
  }),
);
const queueRows = z.array(z.object({ queue: z.string() }));

function outcomeOf({ state, reason, stack, attempts }: z.infer<typeof outcomeRows>[number]): JobOutcome {
  if (state === 'completed') return { state };
  if (state === 'failed') return { state, reason: reason ?? '', stack: stack ?? undefined, attempts };
  return { state: 'pending' };
}
