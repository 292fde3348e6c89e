import type { JobOutcome } from '../../src/model/queues.ts';
import type { Chunk } from '../../src/model/record.ts';
import type { Sink } from '../../src/sink/contract.ts';

/** A queue in memory with a consumer behind it that finishes jobs when it is told to. */
export interface ProcessingSink extends Sink {
  readonly chunks: Map<string, Chunk>;
  /** In the order in which consumers finished them. */
  readonly finished: Chunk[];
  /** Whether the consumer refuses a record. */
  refuses: (value: unknown) => string | undefined;
  /** Whether jobs are finished as soon as they are published. */
  working: boolean;
  /** Finishes the oldest job that waits, or one that many behind it, as consumers side by side do; false when there is none. */
  work(behind?: number): boolean;
  /** Loses everything, the markers too. */
  flush(): void;
  /** Drops a job as a clean-up would. */
  remove(id: string): void;
  /** How often each chunk was published. */
  readonly publishes: Map<string, number>;
}

export function createProcessingSink(): ProcessingSink {
  const chunks = new Map<string, Chunk>();
  const outcomes = new Map<string, JobOutcome>();
  const marks = new Set<string>();
  const listeners = new Set<() => void>();
  const publishes = new Map<string, number>();
  const finished: Chunk[] = [];

  const sink: ProcessingSink = {
    name: 'queue "memory"',
    grade: 'processed',
    place: { queue: 'memory', job: 'memory', grade: 'processed' },
    chunks,
    finished,
    publishes,
    refuses: () => undefined,
    working: true,
    work(behind = 0) {
      const waiting = [...chunks.values()].filter(({ id }) => outcomes.get(id)?.state === 'pending');
      const next = waiting[Math.min(behind, waiting.length - 1)];
      if (!next) return false;
      const reason = next.values.map((value) => sink.refuses(value)).find((found) => found !== undefined);
      if (reason === undefined) {
        finished.push(next);
        outcomes.set(next.id, { state: 'completed' });
      } else {
        outcomes.set(next.id, { state: 'failed', reason, stack: 'at consumer', attempts: 1 });
      }
      for (const wake of listeners) wake();
      return true;
    },
    flush() {
      chunks.clear();
      outcomes.clear();
      marks.clear();
    },
    remove(id) {
      chunks.delete(id);
      outcomes.delete(id);
    },
    async publish(given, signal) {
      signal.throwIfAborted();
      for (const chunk of given) {
        publishes.set(chunk.id, (publishes.get(chunk.id) ?? 0) + 1);
        if (chunks.has(chunk.id)) continue;
        chunks.set(chunk.id, chunk);
        outcomes.set(chunk.id, { state: 'pending' });
      }
      await Promise.resolve();
      while (sink.working && sink.work());
    },
    outcomes: async (ids) =>
      await Promise.resolve(ids.map((id) => outcomes.get(id) ?? { state: 'missing' as const })),
    onFinished(wake) {
      listeners.add(wake);
      return () => listeners.delete(wake);
    },
    pressure: async () => await Promise.resolve({ waiting: 0, workers: 1, memory: undefined }),
    mark: async (runId) => await Promise.resolve(void marks.add(runId)),
    remembers: async (runId) => await Promise.resolve(marks.has(runId)),
  };
  return sink;
}
