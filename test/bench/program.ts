import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Bench, Store } from './bench.ts';
import { outputOf } from './children.ts';
import { compiledProgram } from './paths.ts';
import type { Simulator } from './simulator.ts';
import { makeTemporary } from './temporary.ts';
import { nodeBelow, startOn, type Surface } from './terminal.ts';
import { type Usage, watchUsage } from './usage.ts';

/** A state folder with what the program needs to know to sync from a simulator. */
export interface Folder {
  readonly path: string;
  readonly queue: string;
  readonly env: Readonly<Record<string, string>>;
  /** When the events of a type happened, epoch seconds, by the program's own log; of a run only its first. */
  moments(type: string): readonly number[];
  remove(): void;
}

export interface EntryFields {
  readonly list_id: string;
  readonly items_per_request: number;
  readonly worker_count: number;
}

/** A folder that was never synced; its embedded queue, if it has one, is there and empty. */
export function makeFolder(
  { redis, template }: Bench,
  store: Store,
  { url, apiKey }: Simulator,
  entries: readonly EntryFields[],
): Folder {
  const { path, remove } = makeTemporary();
  const state = entries.map((entry) => ({ ...entry, latest_timestamp: null }));
  writeFileSync(join(path, 'state.json'), JSON.stringify(state, null, 2));
  if (store === 'embedded') template.copyInto(path);
  const queue = store === 'embedded' ? 'embedded:' : redis.url;
  return {
    path,
    queue,
    env: { QUEUE_URL: queue, MAILCHIMP_URL: url, MAILCHIMP_APIKEY: apiKey },
    moments: (wanted) => {
      const events = readEvents(join(path, 'logs')).filter(({ type }) => type === wanted);
      const first = new Map<unknown, number>();
      for (const event of events) {
        const name = event.runId ?? event;
        if (!first.has(name)) first.set(name, Date.parse(event.at) / 1000);
      }
      return [...first.values()];
    },
    remove,
  };
}

export interface OnceRun {
  /** From the check that found the entries due, probes included, to the last entry written back. */
  readonly dueSeconds: number;
  /** From the first run's start to the last run's end. */
  readonly runSeconds: number;
  /** The whole process. */
  readonly wallSeconds: number;
  readonly usage: Usage;
}

/** `go --once` to its end, which must be a success of `runs` runs: with `--plain` in a pipe, without on a terminal. */
export async function goOnce(
  folder: Folder,
  runs: number,
  { lookEveryMs = 100, surface = 'pipe' }: { lookEveryMs?: number; surface?: Surface } = {},
): Promise<OnceRun> {
  const plain = surface === 'pipe' ? ['--plain'] : [];
  const command = [process.execPath, compiledProgram, 'go', '--once', ...plain, '--state', folder.path];
  const child = startOn(surface, command, { env: folder.env });
  const watch = watchUsage(await nodeBelow(child, compiledProgram), lookEveryMs);
  await outputOf(child, 'go --once');
  const wallSeconds = (performance.now() - child.startedAt) / 1000;
  const finished = folder.moments('run.finished');
  if (finished.length !== runs) throw new Error(`${finished.length} runs of ${runs} finished`);
  const end = Math.max(...finished);
  return {
    dueSeconds: end - Math.min(...folder.moments('controller.checked')),
    runSeconds: end - Math.min(...folder.moments('run.started')),
    wallSeconds,
    usage: watch.last(),
  };
}

const eventShape = z.object({ type: z.string(), at: z.string(), runId: z.string().optional() });

function readEvents(folder: string): z.infer<typeof eventShape>[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => eventShape.parse(JSON.parse(line)));
}
