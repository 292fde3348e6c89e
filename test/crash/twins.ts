import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import type { Wrapping } from '../../src/cli/go.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Probe } from '../../src/model/probe.ts';
import type { Chunk } from '../../src/model/record.ts';
import { parseTimestamp } from '../../src/model/time.ts';
import type { Catalogue } from '../../src/services/catalogue.ts';
import type { Sink } from '../../src/services/contract.ts';
import { realDisk } from '../../src/state/disk.ts';
import type { StoredRun } from '../../src/store/stored-run.ts';
import type { Store } from '../../src/store/store.ts';

/** Programs with one part broken, by what is broken. Each must fail the check that the whole one passes (S24). */
export const twins: Readonly<Record<string, (probe: Probe) => Wrapping>> = {
  'a page counts as confirmed before the queue has it': () => ({
    catalogue: withSink((sink) => ({
      ...sink,
      publish(chunks, signal) {
        const later = async (): Promise<void> => {
          await systemClock.sleep(150, signal);
          await sink.publish(chunks, signal);
        };
        later().catch(() => {});
        return Promise.resolve();
      },
    })),
  }),

  'the checkpoint follows the highest page instead of the prefix': (probe) => {
    let store: Store | undefined;
    const delivered = new Set<number>();
    return {
      store: (opened) => (store = opened),
      catalogue: withSink((sink) => ({
        ...sink,
        async publish(chunks, signal) {
          await sink.publish(chunks, signal);
          for (const chunk of chunks) skipAhead(chunk);
        },
      })),
    };
    function skipAhead({ id, values }: Chunk): void {
      const [runId = ''] = id.split('-', 1);
      const page = pageOf(id);
      const run = store?.runs.allUnfinished().find((one) => one.id === runId);
      if (!run || page < Math.max(...delivered)) return;
      delivered.add(page);
      const version = Math.max(...values.map(versionOf));
      const keys = values.filter((value) => versionOf(value) === version).map(keyOf);
      store?.runs.checkpoint(runId, { version, nextPage: page + 1 }, keys, run.totals);
      if (!delivered.has(page - 1) && page > 0) probe('page.overtook');
    }
  },

  'the database says "done" before the state file is written': () => ({
    store(store) {
      const held = new Map<string, StoredRun>();
      return {
        ...store,
        runs: {
          ...store.runs,
          complete(id, end) {
            store.runs.complete(id, end);
            for (const run of store.runs.completing()) held.set(run.id, run);
            store.runs.done(id, Date.now());
          },
          completing: () => [...held.values()],
          done: (id) => void held.delete(id),
        },
      };
    },
  }),

  'the state file is written in place': (probe) => ({
    disk: {
      ...realDisk,
      rename(from, to) {
        // The generations are kept with the same disk, and one may come first.
        if (basename(to) !== 'state.json') return realDisk.rename(from, to);
        const bytes = readFileSync(from);
        const file = openSync(to, 'w');
        writeSync(file, bytes, 0, Math.floor(bytes.length / 2));
        fsyncSync(file);
        probe('state.half');
        writeSync(file, bytes, Math.floor(bytes.length / 2));
        closeSync(file);
        rmSync(from);
      },
    },
  }),

  'chunk ids are drawn instead of made from their content': () => ({
    catalogue: withSink((sink) => ({
      ...sink,
      publish: (chunks, signal) =>
        sink.publish(
          chunks.map((chunk) => ({ ...chunk, id: `${chunk.id.split('-', 1)[0]}-0-0-${randomUUID()}` })),
          signal,
        ),
    })),
  }),

  'the queue says yes to a page in three and does not keep it': () => ({
    catalogue: withSink((sink) => ({
      ...sink,
      publish: (chunks, signal) =>
        sink.publish(
          chunks.filter(({ id }) => pageOf(id) % 3 !== 1),
          signal,
        ),
    })),
  }),

  'nobody looks for the marker': () => ({
    queue: (queue) => ({ ...queue, hasMarker: () => Promise.resolve(true) }),
  }),
};

function withSink(change: (sink: Sink) => Sink): (catalogue: Catalogue) => Catalogue {
  return (catalogue) => ({
    ...catalogue,
    of(entry) {
      const service = catalogue.of(entry);
      return { ...service, openSink: (...args) => change(service.openSink(...args)) };
    },
  });
}

/** A chunk's id tells its page (S12). */
function pageOf(id: string): number {
  return Number(id.split('-')[1]);
}

const memberSchema = z.object({ id: z.string(), last_changed: z.string() });

function versionOf(value: unknown): number {
  return parseTimestamp(memberSchema.parse(value).last_changed) ?? 0;
}

function keyOf(value: unknown): string {
  return memberSchema.parse(value).id;
}
