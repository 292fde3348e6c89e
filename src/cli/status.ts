import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { createFailures } from '../controller/failures.ts';
import { createStateFile } from '../controller/state-file.ts';
import { statusOf } from '../controller/status.ts';
import type { EntryStatus } from '../model/status.ts';
import { createCatalogue } from '../services/catalogue.ts';
import { createCommitter } from '../state/commit.ts';
import { createGenerations } from '../state/generations.ts';
import { readArguments, stateFolder } from './arguments.ts';
import type { CliContext } from './context.ts';
import { askOrOpen, openFolder } from './folder.ts';
import { createOutput } from './output.ts';
import { parseOptions } from './parse-options.ts';
import { asideLines } from './store-recovery.ts';
import { statusUsage } from './usage/looks.ts';

const answerSchema: z.ZodType<EntryStatus[]> = z.array(
  z.object({
    id: z.string(),
    service: z.string(),
    group: z.string().nullable(),
    state: z.enum(['load', 'sync', 'ok', 'due', 'late', 'failed', 'paused', 'invalid']),
    cursor: z.union([z.string(), z.number(), z.null()]),
    lastRun: z
      .object({ started: z.string(), seconds: z.number(), read: z.number(), published: z.number() })
      .nullable(),
    nextRun: z.string().nullable(),
    cause: z.string().nullable(),
  }),
);

/** `status`: each entry's state, cursor, last and next run, and why it does not run. */
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
  createOutput(context, values.json).table(
    ['ENTRY', ...(isGrouped ? ['IN'] : []), 'STATE', 'CURSOR', 'LAST RUN', 'RECORDS', 'NEXT', 'CAUSE'],
    entries,
    (entry) => [
      entry.id,
      ...(isGrouped ? [entry.group ?? '-'] : []),
      entry.state,
      String(entry.cursor ?? '-'),
      entry.lastRun?.started ?? '-',
      String(entry.lastRun?.published ?? '-'),
      entry.nextRun ?? '-',
      entry.cause ?? '',
    ],
  );
  return 0;
}

const silent = (): void => {};

async function readStatus(context: CliContext, folder: string): Promise<EntryStatus[]> {
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
    const failures = createFailures(clock);
    return stateFile.entries.map((known) =>
      statusOf(known, undefined, {
        runs: store.runs,
        failures,
        startOf: () => undefined,
        asked: new Set(),
        now: clock.now(),
        defaults: (entry) => catalogue.of(entry).defaults,
      }),
    );
  } finally {
    await catalogue.close();
    store.close();
  }
}
