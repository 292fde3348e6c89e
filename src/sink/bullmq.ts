import type { Chunk, Grade } from '../model/record.ts';
import type { QueueStore } from '../queue/contract.ts';
import type { Sink } from './contract.ts';

export interface BullmqSinkOptions {
  readonly store: QueueStore;
  /** The queue chunks go to, `lists` for Mailchimp lists. */
  readonly queue: string;
  /** The name of every job: the list id. */
  readonly jobName: string;
  /** What counts as confirmed: `queued` by default. */
  readonly grade?: Grade;
}

/** Chunks as jobs: the job's id is the chunk's, its data the bare JSON array of the chunk's values (S12, S13). */
export function createBullmqSink(options: BullmqSinkOptions): Sink {
  const { store, queue: queueName, jobName, grade = 'queued' } = options;
  const queue = store.queue(queueName);
  const attemptsAt = ({ length }: readonly unknown[]): number | undefined =>
    grade === 'processed' && length === 1 ? singleAttempts : undefined;
  return {
    name: `queue "${queueName}"`,
    grade,
    place: { queue: queueName, job: jobName, grade },
    async publish(chunks, signal) {
      for (const bulk of bulks(chunks))
        await queue.add(
          bulk.map(({ id, values }) => ({ id, name: jobName, data: values, attempts: attemptsAt(values) })),
          signal,
        );
    },
    async pressure(signal) {
      const [{ waiting, workers }, memory] = await Promise.all([queue.status(signal), store.memory(signal)]);
      return { waiting, workers, memory };
    },
    outcomes: (ids, signal) => queue.outcomes(ids, signal),
    onFinished: (wake) => queue.onFinished(wake),
    remembers: (runId, signal) => store.hasMarker(runId, signal),
    mark: (runId, signal) => store.putMarker(runId, signal),
  };
}

/** How often consumers try a record that stands alone (S15); more than one is halved at once instead. */
const singleAttempts = 3;

const BULK_JOBS = 100;
const BULK_BYTES = 4 * 1024 * 1024;

// One call to the store per bulk, each with a deadline of its own: few and small enough to be answered within it.
function* bulks(chunks: readonly Chunk[]): Generator<Chunk[]> {
  let bulk: Chunk[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    if (bulk.length > 0 && (bulk.length === BULK_JOBS || bytes + chunk.bytes > BULK_BYTES)) {
      yield bulk;
      bulk = [];
      bytes = 0;
    }
    bulk.push(chunk);
    bytes += chunk.bytes;
  }
  if (bulk.length > 0) yield bulk;
}
