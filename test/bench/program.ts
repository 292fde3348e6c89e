import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Child, outputOf, startChild } from './children.ts';
import type { Simulator } from './simulator.ts';
import { type Usage, watchUsage } from './usage.ts';

/** The compiled program, as `./run.sh` starts it. */
export const checkout = fileURLToPath(new URL('../../', import.meta.url));
export const compiledProgram = join(checkout, 'dist/main.js');

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

/** @param queue a queue URL */
export function makeFolder(queue: string, simulator: Simulator, entries: readonly EntryFields[]): Folder {
  const path = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const state = entries.map((entry) => ({ ...entry, latest_timestamp: null }));
  writeFileSync(join(path, 'state.json'), JSON.stringify(state, null, 2));
  const { url, apiKey } = simulator;
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
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10 }),
  };
}

export function startProgram(folder: Folder, args: readonly string[]): Child {
  return startChild(process.execPath, [compiledProgram, ...args, '--state', folder.path], {
    env: folder.env,
  });
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

/** `go --once --plain` to its end, which must be a success of `runs` runs. */
export async function goOnce(folder: Folder, runs: number, lookEveryMs = 100): Promise<OnceRun> {
  const child = startProgram(folder, ['go', '--once', '--plain']);
  const watch = watchUsage(child.pid, lookEveryMs);
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
