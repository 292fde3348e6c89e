import { beforeEach, describe, expect, test } from 'vitest';
import { isAbort } from '../../src/model/errors.ts';
import type { Chunk } from '../../src/model/record.ts';
import type { Sink } from '../../src/sink/contract.ts';

/** What the other side of a sink holds. */
export interface Held {
  readonly id: string;
  readonly values: readonly unknown[];
}

/** A sink over an empty other side, as one check needs it. */
export interface SinkWorld {
  readonly sink: Sink;
  /** Everything the other side holds, in the order in which it will be taken. */
  readonly held: () => Promise<readonly Held[]>;
  /** The other side forgets everything. */
  readonly loseData: () => Promise<void>;
}

interface Check {
  readonly promise: string;
  readonly check: (world: SinkWorld) => Promise<void>;
  /** What a broken sink would do: the check has to fail on it (S24). */
  readonly twins: Readonly<Record<string, (sink: Sink) => Sink>>;
}

/**
 * What every Sink has to keep. `openWorld` is called anew for each check. `missing` is why there can be no world here,
 * and every check is skipped.
 */
export function describeSink(name: string, openWorld: () => Promise<SinkWorld>, missing?: string): void {
  describe(name, () => {
    beforeEach((context) => {
      if (missing !== undefined) context.skip(missing);
    });
    for (const { promise, check, twins } of checks) {
      test(promise, async () => check(await openWorld()));
      for (const [broken, twin] of Object.entries(twins))
        test(`${promise}; twin: ${broken}`, async () => {
          const world = await openWorld();
          const thrown = await check({ ...world, sink: twin(world.sink) }).catch((error: unknown) => error);
          // Failed by the check itself, not by a mishap on the way to it.
          expect(String(thrown)).toMatch(/^AssertionError/);
        });
    }
  });
}

const signal = new AbortController().signal;

const checks: readonly Check[] = [
  {
    promise: 'delivers every chunk exactly once, in order, under its id',
    async check({ sink, held }) {
      const chunks = numbered(6, 3);
      await sink.publish([], signal);
      await sink.publish(chunks.slice(0, 1), signal);
      await sink.publish(chunks.slice(1), signal);
      expect(await held()).toEqual(chunks.map(({ id, values }) => ({ id, values })));
    },
    twins: {
      'loses a chunk': (sink) => withPublish(sink, (chunks) => chunks.slice(0, 4)),
      'sends a chunk twice': (sink) => withPublish(sink, (chunks) => [...chunks, ...numbered(1, 3, 'twice')]),
      'drops a record': (sink) =>
        withPublish(sink, (chunks) => chunks.map((chunk) => ({ ...chunk, values: chunk.values.slice(1) }))),
    },
  },
  {
    promise: 'adds nothing when chunks are published again, also in other company',
    async check({ sink, held }) {
      const chunks = numbered(5, 2);
      await sink.publish(chunks.slice(0, 3), signal);
      await sink.publish(chunks, signal);
      await Promise.all([sink.publish(chunks, signal), sink.publish(chunks.slice(2), signal)]);
      expect(await held()).toEqual(chunks.map(({ id, values }) => ({ id, values })));
    },
    twins: {
      'makes up ids': (sink) => {
        let made = 0;
        return withPublish(sink, (chunks) =>
          chunks.map((chunk) => ({ ...chunk, id: `${chunk.id}-${(made += 1)}` })),
        );
      },
    },
  },
  {
    promise: 'takes more chunks than one call to the store holds, and large ones',
    async check({ sink, held }) {
      const large = numbered(3, 300).map(({ values, keys }, index) => ({
        keys,
        id: `large-${index}`,
        values: values.map((value) => ({ value, text: 'ä'.repeat(400) })),
        bytes: 3_000_000,
      }));
      const chunks = [...large, ...numbered(130, 2)];
      await sink.publish(chunks, signal);
      expect((await held()).map(({ id, values }) => [id, values.length])).toEqual(
        chunks.map(({ id, values }) => [id, values.length]),
      );
      expect((await held())[0]?.values).toEqual(large[0]?.values);
    },
    twins: {
      'forgets the rest after a hundred': (sink) => withPublish(sink, (chunks) => chunks.slice(0, 100)),
    },
  },
  {
    promise: 'tells how many jobs wait',
    async check({ sink }) {
      expect(await sink.pressure(signal)).toMatchObject({ waiting: 0, workers: 0 });
      await sink.publish(numbered(4, 1), signal);
      expect((await sink.pressure(signal)).waiting).toBe(4);
    },
    twins: {
      'feels nothing': (sink) => ({
        ...sink,
        pressure: async () => await Promise.resolve({ waiting: 0, workers: 0, memory: undefined }),
      }),
    },
  },
  {
    promise: 'remembers a marked run until the store loses its data, and can start over then',
    async check({ sink, held, loseData }) {
      expect(await sink.remembers('r1', signal)).toBe(false);
      await sink.mark('r1', signal);
      await sink.publish(numbered(3, 2), signal);
      expect(await sink.remembers('r1', signal)).toBe(true);
      await loseData();
      expect(await sink.remembers('r1', signal)).toBe(false);
      await sink.mark('r1', signal);
      await sink.publish(numbered(3, 2), signal);
      expect(await sink.remembers('r1', signal)).toBe(true);
      expect(await held()).toHaveLength(3);
    },
    twins: {
      'remembers by itself': (sink) => {
        const marked = new Set<string>();
        return {
          ...sink,
          mark: async (runId) => await Promise.resolve(void marked.add(runId)),
          remembers: async (runId) => await Promise.resolve(marked.has(runId)),
        };
      },
    },
  },
  {
    promise: 'stops at once with an AbortError when its signal aborts',
    async check({ sink }) {
      const stop = new AbortController();
      const publish = sink.publish(numbered(150, 1), stop.signal).then(
        () => 'resolved',
        (thrown: unknown) => thrown,
      );
      stop.abort(new Error('quit'));
      expect(isAbort(await publish)).toBe(true);
      const late = await sink.publish(numbered(1, 1), stop.signal).catch((thrown: unknown) => thrown);
      expect(isAbort(late)).toBe(true);
    },
    twins: {
      'takes no notice of the signal': (sink) => ({
        ...sink,
        publish: (chunks) => sink.publish(chunks, signal),
      }),
    },
  },
  {
    promise: 'names itself and its grade',
    async check({ sink }) {
      await Promise.resolve();
      expect(sink.name).toMatch(/^queue ".+"$/);
      expect(sink.grade).toBe('queued');
    },
    twins: {
      'claims too much': (sink) => ({ ...sink, grade: 'processed' }),
    },
  },
];

function numbered(count: number, records: number, run = 'rabc'): Chunk[] {
  return Array.from({ length: count }, (_, page) => {
    const values = Array.from({ length: records }, (_unused, index) => ({
      id: `${page}-${index}`,
      text: 'x',
    }));
    return {
      id: `${run}-${page}-0-0123456789abcdef`,
      keys: values.map(({ id }) => id),
      values,
      bytes: JSON.stringify(values).length,
    };
  });
}

function withPublish(sink: Sink, change: (chunks: readonly Chunk[]) => readonly Chunk[]): Sink {
  return { ...sink, publish: (chunks, stop) => sink.publish(change(chunks), stop) };
}
