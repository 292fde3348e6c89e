import type { Chunk } from '../../src/model/record.ts';
import type { Sink } from '../../src/sink/contract.ts';

/** A sink in memory that keeps every chunk once by id, as a queue does. */
export interface MemorySink extends Sink {
  readonly chunks: Map<string, Chunk>;
  /** Every value delivered, in order of delivery, replays under the same id left out. */
  values(): unknown[];
  /** Called before each publish; throw to fail it, return a promise to hold it. */
  before: (chunks: readonly Chunk[]) => void | Promise<void>;
}

export function createMemorySink(): MemorySink {
  const chunks = new Map<string, Chunk>();
  const marks = new Set<string>();
  const sink: MemorySink = {
    name: 'queue "memory"',
    grade: 'queued',
    place: { queue: 'memory', job: 'memory', grade: 'queued' },
    chunks,
    values: () => [...chunks.values()].flatMap((chunk) => chunk.values),
    before: () => {},
    async publish(given, signal) {
      await sink.before(given);
      signal.throwIfAborted();
      for (const chunk of given) if (!chunks.has(chunk.id)) chunks.set(chunk.id, chunk);
    },
    outcomes: async (ids) =>
      await Promise.resolve(ids.map((id) => ({ state: chunks.has(id) ? 'completed' : 'missing' }))),
    onFinished: () => () => {},
    pressure: async () => await Promise.resolve({ waiting: 0, workers: 1, memory: undefined }),
    mark: async (runId) => await Promise.resolve(void marks.add(runId)),
    remembers: async (runId) => await Promise.resolve(marks.has(runId)),
  };
  return sink;
}
