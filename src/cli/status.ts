import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { createFailures } from '../controller/failures.ts';
import type { Memory } from '../controller/judge.ts';
import type { KnownStateEntry } from '../controller/known-entries.ts';
import { createStateFile } from '../controller/state-file.ts';
import { statusOf } from '../controller/status.ts';
import type { LiveStatus } from '../model/status.ts';
import { createCatalogue } from '../services/catalogue.ts';
import { createCommitter } from '../state/commit.ts';
import { createGenerations } from '../state/generations/generations.ts';
import { readArguments, stateFolder } from './arguments.ts';
import type { CliContext } from './context.ts';
import { askOrOpen, openFolder } from './folder.ts';
import { createOutput } from './output.ts';
import { parseOptions } from './parse-options.ts';
import { progressText } from './progress-text.ts';
import { asideLines } from './store-recovery.ts';
import { statusUsage } from './usage/looks.ts';

const answerSchema: z.ZodType<LiveStatus[]> = z.array(
  z.object({
    id: z.string(),
    service: z.string(),
    // Not in the answer of a controller that runs since before it was there.
    group: z.string().nullable().default(null),
    state: z.enum(['load', 'sync', 'ok', 'due', 'late', 'failed', 'paused', 'invalid']),
    cursor: z.union([z.string(), z.number(), z.null()]),
    lastRun: z
      .object({ started: z.string(), seconds: z.number(), read: z.number(), published: z.number() })
      .nullable(),
    nextRun: z.string().nullable(),
    cause: z.string().nullable(),
    progress: z
      .object({
        read: z.number(),
        published: z.number(),
        total: z.number().nullable(),
        ordinal: z.number().nullable(),
        waitingChunks: z.number(),
      })
      .nullable()
      .default(null),
  }),
);

/** `status`: each entry's state, cursor, last and next run, how far a run that is on has got, and why one does not run. */
export async function status(context: CliContext): Promise<number> {
  const { values } = readArguments(context, statusUsage.options);
  const folder = stateFolder(context, values.state);
  let running = true;
  const entries = await askOrOpen(context, folder, { path: '/status', answer: answerSchema }, async () => {
    const found = await readStatus(context, folder);
    // Not before: a controller may have been starting, and answers the next time.
    running = false;
    return found;
  });
  if (!values.json) context.print(running ? 'a controller is running\n' : 'no controller is running\n');
  if (!values.json) for (const line of asideLines(folder)) context.print(`${line}\n`);
  const isGrouped = entries.some(({ group }) => group !== null);
  const isOn = entries.some(({ progress }) => progress !== null);
  createOutput(context, values.json).table(
    [
      'ENTRY',
      ...(isGrouped ? ['IN'] : []),
      'STATE',
      'CURSOR',
      ...(isOn ? ['PROGRESS'] : []),
      'LAST RUN',
      'RECORDS',
      'NEXT',
      'CAUSE',
    ],
    entries,
    (entry) => [
      entry.id,
      ...(isGrouped ? [entry.group ?? '-'] : []),
      entry.state,
      String(entry.cursor ?? '-'),
      ...(isOn ? [entry.progress ? progressText(entry.progress) : '-'] : []),
      entry.lastRun?.started ?? '-',
      String(entry.lastRun?.published ?? '-'),
      entry.nextRun ?? '-',
      entry.cause ?? '',
    ],
  );
  return 0;
}

const silent = (): void => {};

async function readStatus(context: CliContext, folder: string): Promise<LiveStatus[]> {
  const { clock } = context;
  const store = openFolder(context, folder, 'status');
  const catalogue = createCatalogue();
  try {
    const path = join(folder, 'state.json');
    const stateFile = createStateFile({
      path,
      shownPath: path,
      parse: parseOptions(catalogue),
      groups: catalogue.groups,
      // A look changes nothing: whose identity is whose is settled by the next go, which says so (S3).
      store: { all: () => store.entries.all(), replace: () => {} },
      committer: createCommitter({ path, clock, emit: silent }),
      generations: createGenerations({
        folder: join(folder, 'generations'),
        now: () => clock.now(),
        emit: silent,
      }),
      drawIdentity: randomUUID,
      now: () => clock.now(),
      emit: silent,
    });
    stateFile.refresh();
    const memory: Memory = {
      runs: store.runs,
      failures: createFailures(clock),
      startOf: () => undefined,
      asked: new Set(),
      now: clock.now(),
      defaults: (entry) => catalogue.of(entry).defaults,
    };
    const resting = (known: KnownStateEntry): LiveStatus => ({
      ...statusOf(known, undefined, memory),
      progress: null,
    });
    return stateFile.entries.map(resting);
  } finally {
    await catalogue.close();
    store.close();
  }
}
