import { z } from 'zod';
import type { Cursor } from '../../model/cursor.ts';
import { createRandom } from '../../simulator/random.ts';
import type { SisRecord } from '../../simulator/sis/entities.ts';
import { startSis } from '../../simulator/sis/sis.ts';
import type { Claim, Origin } from './origin.ts';

const service = 'PERSON';
const workers = 3;
const items = 25;
const entitySchema = z.object({
  id: z.string(),
  metadata: z.object({ modificationOrdinal: z.number() }),
});

/** Persons of a university, who change, come, and appear late: chained pages, confirmed by consumers. */
export async function openSisOrigin({ persons = 300, seed = 1 } = {}): Promise<Origin> {
  const simulator = await startSis({ entities: { [service]: persons }, seed, latencyMs: 4 });
  const random = createRandom(seed);
  const present = (): SisRecord[] => [...simulator.newest(service)];
  /** What got its ordinal before others that showed before it: a cursor behind it does not speak of it (S10). */
  const late = new Set<string>();
  const upTo = (ordinal: number): string[] =>
    present().flatMap((record) => (record.ordinal <= ordinal ? [nameOfRecord(record)] : []));

  return {
    entry: { service, worker_count: workers, items_per_request: items, refresh_seconds: 1 },
    begin: { latest_ordinal: 0 },
    // Longer than what is late, and short enough for a run to get beyond what it reads again.
    env: { SIS_API_URL: simulator.url, SLUICE_ORDINAL_OVERLAP_SECONDS: '60' },
    queue: 'importer-queue',
    isConsumed: true,
    underWay: workers * items,
    change() {
      for (let arrival = 0; arrival < 3 * items; arrival += 1) simulator.change(service);
      const records = present();
      for (let change = 0; change < items; change += 1) {
        const [record] = records.splice(Math.floor(random() * records.length), 1);
        if (!record) continue;
        // One in five has its ordinal now and shows in the round after the next.
        const lateMs = change % 5 === 0 ? 15_000 : 0;
        const changed = simulator.change(service, { key: record.key, lateMs });
        if (lateMs > 0) late.add(nameOfRecord(changed));
      }
    },
    advance: (ms) => simulator.advance(ms),
    nameOf(value) {
      const { id, metadata } = entitySchema.parse(value);
      return `${id} ${metadata.modificationOrdinal}`;
    },
    claimed({ cursor, runs }) {
      const confirmed = Math.max(ordinalOf(cursor), ...runs.map(confirmedUpTo));
      return upTo(confirmed).filter((name) => !late.has(name));
    },
    forget(names) {
      const gone = new Set(names);
      // A version that was overtaken is never given again.
      for (const record of present()) {
        if (gone.has(nameOfRecord(record)) && random() < 0.2) simulator.change(service, { key: record.key });
      }
    },
    due: (cursor) => upTo(ordinalOf(cursor)),
    close: () => simulator.close(),
  };
}

function nameOfRecord({ key: [id = ''], ordinal }: SisRecord): string {
  return `${id} ${ordinal}`;
}

/** The ordinal up to which a run says that everything is confirmed (S8, S9). */
function confirmedUpTo({ run }: Claim['runs'][number]): number {
  return run.state === 'completing' ? ordinalOf(run.cursorTo) : (run.checkpoint.version ?? 0);
}

function ordinalOf(cursor: Cursor): number {
  return typeof cursor === 'number' ? cursor : 0;
}
