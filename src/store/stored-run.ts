import { z } from 'zod';
import type { Cursor } from '../model/cursor.ts';
import type { RunMode, RunTotals } from '../model/events.ts';
import type { Window } from '../model/record.ts';
import { noTotals } from '../model/run-totals.ts';
import { rawObject } from './raw-object.ts';

/** A run as the database knows it. */
export interface StoredRun {
  readonly id: string;
  /** The entry's identity (S3). */
  readonly entry: string;
  readonly label: string;
  /** A `dropped` run was cancelled, a `failed` one stopped for good; the next run of the entry is a new one. */
  readonly state: 'running' | 'completing' | 'done' | 'dropped' | 'failed';
  readonly mode: RunMode;
  /** The entry's object in the file when the run began (S4). */
  readonly frozen: Readonly<Record<string, unknown>>;
  readonly span: RunSpan;
  /** What the cursor becomes at the end; null where the file holds none. */
  readonly cursorTo: Cursor;
  /** Epoch milliseconds. */
  readonly started: number;
  readonly finished: number | undefined;
  readonly error: string | undefined;
  readonly totals: RunTotals;
  readonly checkpoint: Checkpoint;
}

/** What a run reads, by the kind of its source's pages. */
export type RunSpan =
  | { readonly kind: 'ranged'; readonly window: Window }
  /**
   * Everything behind an ordinal. `intended` is an ordinal that was about to be written into the file: a kill leaves
   * open whether it was. `overlapFrom` is where the next run begins to look for late commits, as far as is known (S10).
   */
  | {
      readonly kind: 'chained';
      readonly since: number;
      readonly intended: number | undefined;
      readonly overlapFrom: number | undefined;
    }
  | { readonly kind: 'whole' };

/** Progress inside an unfinished run, by value (S8). */
export interface Checkpoint {
  /** The version of the last record of the unbroken confirmed prefix, for chained pages the ordinal behind it; undefined before the first page. */
  readonly version: number | undefined;
  /** The number of the next page, so that a resumed run never gives an old chunk's place to another page. */
  readonly nextPage: number;
}

/** A row of the table `run`. @throws ZodError, SyntaxError when it holds what no run is */
export function readRun(found: unknown): StoredRun {
  const row = rowSchema.parse(found);
  const { id, entry, label, state, mode, frozen, started, finished, error, totals, version, next_page } = row;
  return {
    id,
    entry,
    label,
    state,
    mode,
    frozen,
    started,
    totals,
    span: spanOf(row),
    cursorTo: row.cursor_to,
    finished: finished ?? undefined,
    error: error ?? undefined,
    checkpoint: { version: version ?? undefined, nextPage: next_page },
  };
}

/** The columns that a span fills. */
export function boundsOf(span: RunSpan): { since: number | null; until: number | null } {
  switch (span.kind) {
    case 'ranged':
      return span.window;
    case 'chained':
      return { since: span.since, until: null };
    case 'whole':
      return { since: null, until: null };
    default:
      return span satisfies never;
  }
}

function spanOf({ kind, since, until, intended, overlap_from }: Row): RunSpan {
  switch (kind) {
    case 'ranged':
      return { kind, window: { since, until: until ?? 0 } };
    case 'chained':
      return {
        kind,
        since: since ?? 0,
        intended: intended ?? undefined,
        overlapFrom: overlap_from ?? undefined,
      };
    case 'whole':
      return { kind };
    default:
      return kind satisfies never;
  }
}

const waitedSchema = z.object({
  source: z.number(),
  queue: z.number(),
  workers: z.number(),
  quota: z.number(),
});

const totalsSchema = z.object({
  read: z.number(),
  published: z.number(),
  requests: z.number(),
  reread: z.number(),
  deadLetters: z.number(),
  bytes: z.number(),
  seconds: z.number(),
  // Not in the runs of schema 1.
  ignored: z.number().default(0),
  retried: z.number().default(0),
  slowestMs: z.number().default(0),
  waitedMs: waitedSchema.default(noTotals.waitedMs),
});

const cursorSchema = z.union([z.string(), z.number(), z.null()]);

const rowSchema = z.object({
  id: z.string(),
  entry: z.string(),
  label: z.string(),
  state: z.enum(['running', 'completing', 'done', 'dropped', 'failed']),
  mode: z.enum(['LOAD', 'SYNC']),
  frozen: z.string().transform(rawObject),
  kind: z.enum(['ranged', 'chained', 'whole']),
  since: z.number().nullable(),
  until: z.number().nullable(),
  cursor_to: z.string().transform((text) => cursorSchema.parse(JSON.parse(text))),
  started: z.number(),
  finished: z.number().nullable(),
  error: z.string().nullable(),
  totals: z.string().transform((text) => totalsSchema.parse(JSON.parse(text))),
  version: z.number().nullable(),
  next_page: z.number(),
  intended: z.number().nullable(),
  overlap_from: z.number().nullable(),
});

type Row = z.infer<typeof rowSchema>;
