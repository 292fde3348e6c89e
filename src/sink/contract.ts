import type { JobOutcome } from '../model/queues.ts';
import type { Chunk, Grade, SinkPlace } from '../model/record.ts';

/** Where chunks go. One sink serves one entry's runs. */
export interface Sink {
  /** For screens and logs: `queue "lists"`. */
  readonly name: string;
  /** The confirmation `publish` stands for. */
  readonly grade: Grade;
  /** For whoever publishes one of its records again later. */
  readonly place: SinkPlace;
  /**
   * Delivers chunks; resolves once the store holds every one of them.
   * Publishing a chunk again under the same id is harmless, so on a QueueError with recovery `retry`
   * (unknown outcome) the caller publishes the same chunks again.
   */
  publish(chunks: readonly Chunk[], signal: AbortSignal): Promise<void>;
  /** How full the other side is (S17). Rejects with a QueueError. */
  pressure(signal: AbortSignal): Promise<Pressure>;
  /** Whether the store still remembers the run: false means it lost its data since `mark` (S13). */
  remembers(runId: string, signal: AbortSignal): Promise<boolean>;
  /** Where published chunks stand with the consumers, in the order of the ids (S13). */
  outcomes(ids: readonly string[], signal: AbortSignal): Promise<readonly JobOutcome[]>;
  /** Calls back soon after consumers finished something; a hint only. @returns the function that stops listening */
  onFinished(wake: () => void): () => void;
  /** Leaves the run's marker in the store, before its first chunk (S13). */
  mark(runId: string, signal: AbortSignal): Promise<void>;
}

export interface Pressure {
  /** Jobs that wait for a consumer. */
  readonly waiting: number;
  /** Consumers connected. */
  readonly workers: number;
  /** Share of the store's memory limit in use, 0..1; undefined where there is no limit. */
  readonly memory: number | undefined;
}
