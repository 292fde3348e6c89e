import { z } from 'zod';
import type { MemorySink } from './memory-sink.ts';

const memberSchema = z.object({ id: z.string(), version: z.number() });

/** The members a sink holds as `id version`, replays included, in order of delivery. */
export function delivered(sink: MemorySink): string[] {
  return sink.values().map((value) => {
    const { id, version } = memberSchema.parse(value);
    return nameOf(id, version);
  });
}

/** Members that stand in the window in the very version they have now, and did not reach the sink in that version. */
export function missingIn(members: ReadonlyMap<string, number>, until: number, sink: MemorySink): string[] {
  const there = new Set(delivered(sink));
  return [...members]
    .filter(([id, version]) => version <= until && !there.has(nameOf(id, version)))
    .map(([id]) => id);
}

/** How many deliveries were not the first of their kind. */
export function replays(sink: MemorySink): number {
  const all = delivered(sink);
  return all.length - new Set(all).size;
}

function nameOf(id: string, version: number): string {
  return `${id} ${version}`;
}
