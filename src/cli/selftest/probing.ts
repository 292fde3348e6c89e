import type { Clock } from '../../model/clock.ts';
import { QueueError } from '../../model/errors.ts';
import type { Probe } from '../../model/probe.ts';
import type { QueueStore } from '../../queue/contract.ts';
import type { Catalogue } from '../../services/catalogue.ts';
import type {
  ChainedSource,
  OpenedSource,
  RangedSource,
  Service,
  Sink,
  WholeSource,
} from '../../services/contract.ts';

export interface ProbingParts {
  readonly probe: Probe;
  /** Told the ids of chunks before they are given to the queue. */
  readonly onChunks: (ids: readonly string[]) => void;
  /** Told the id of a run before it leaves its marker. */
  readonly onRun: (id: string) => void;
  /** Every n-th delivery is committed and its reply lost. */
  readonly loseReplyEvery: number | undefined;
  /** Chunks count as confirmed when they are queued. */
  readonly unconsumed: boolean;
  readonly clock: Clock;
}

/** Fail points around what every service reads and publishes: `page.asked.before`, `chunk.add.after` ... */
export function probingCatalogue(catalogue: Catalogue, parts: ProbingParts): Catalogue {
  const wrapped = new Map<Service, Service>();
  return {
    ...catalogue,
    of(entry) {
      const service = catalogue.of(entry);
      const known = wrapped.get(service) ?? probingService(service, parts);
      wrapped.set(service, known);
      return known;
    },
  };
}

function probingService(service: Service, parts: ProbingParts): Service {
  const around = probingSink(parts);
  return {
    ...service,
    openSource: async (...args) => probingSource(await service.openSource(...args), parts.probe),
    openSink: (...args) => around(service.openSink(...args)),
  };
}

function probingSource(opened: OpenedSource, probe: Probe): OpenedSource {
  const around = async <Page>(read: () => Promise<Page>): Promise<Page> => {
    probe('page.asked.before');
    const page = await read();
    probe('page.asked.after');
    return page;
  };
  switch (opened.kind) {
    case 'ranged': {
      const { source } = opened;
      const probed: RangedSource = { ...source, read: (...asked) => around(() => source.read(...asked)) };
      return { ...opened, source: probed };
    }
    case 'chained': {
      const { source } = opened;
      const probed: ChainedSource = { ...source, read: (...asked) => around(() => source.read(...asked)) };
      return { ...opened, source: probed };
    }
    case 'whole': {
      const { source } = opened;
      const probed: WholeSource = { ...source, read: (...asked) => around(() => source.read(...asked)) };
      return { ...opened, source: probed };
    }
    default:
      return opened satisfies never;
  }
}

/** Every third delivery lets another one overtake it, so that pages are confirmed out of their order (invariant 2). */
const slowEvery = 3;
const slowMs = 150;

function probingSink({
  probe,
  onChunks,
  onRun,
  loseReplyEvery,
  unconsumed,
  clock,
}: ProbingParts): (sink: Sink) => Sink {
  let deliveries = 0;
  let overtaking = Promise.withResolvers<void>();
  const waitForAnother = async (signal: AbortSignal): Promise<void> => {
    const enough = new AbortController();
    const pause = clock.sleep(slowMs, AbortSignal.any([signal, enough.signal])).catch(() => {});
    await Promise.race([pause, overtaking.promise]);
    enough.abort();
    await pause;
  };
  return (sink) => ({
    ...sink,
    grade: unconsumed ? 'queued' : sink.grade,
    async publish(chunks, signal) {
      deliveries += 1;
      const number = deliveries;
      onChunks(chunks.map(({ id }) => id));
      probe('chunk.add.before');
      if (number % slowEvery === 1) await waitForAnother(signal);
      await sink.publish(chunks, signal);
      overtaking.resolve();
      overtaking = Promise.withResolvers();
      // Added, and nobody knows.
      probe('chunk.add.after');
      if (loseReplyEvery === undefined || number % loseReplyEvery !== 0) return;
      probe('chunk.reply.lost');
      throw new QueueError('the reply was lost on purpose', { code: 'queue.timeout', recovery: 'retry' });
    },
    async mark(id, signal) {
      onRun(id);
      probe('run.mark.before');
      await sink.mark(id, signal);
      probe('run.mark.after');
    },
  });
}

/** A store whose queues are others than those of the same names: nothing of a person's is touched. */
export function prefixedQueues(store: QueueStore, prefix: string): QueueStore {
  return { ...store, queue: (name) => store.queue(`${prefix}${name}`) };
}
