import { setInterval } from 'node:timers/promises';
import { exportServices, type ExportService } from '../../src/simulator/sis/services.ts';
import type { SisRecord } from '../../src/simulator/sis/entities.ts';
import type { SisSimulator } from '../../src/simulator/sis/sis.ts';
import { spellKey } from './sisu-tables.ts';

/** Changes that get their ordinal at once and can be seen only later, made by a test that wants to know which. */
export interface LateChanges {
  /** How many were made. */
  readonly made: number;
  /** Whether a version may have come to light behind ordinals that had been read. */
  isLate(service: ExportService, record: SisRecord): boolean;
  /** Makes no more and resolves when all can be seen. */
  stop(): Promise<void>;
}

export interface LateOptions {
  readonly simulator: SisSimulator;
  /** How long a change stays hidden, at most. */
  readonly lateMs: number;
  readonly everyMs: number;
  /** 0 to 1. */
  readonly random: () => number;
}

/** Goes on until it is stopped. */
export function startLateChanges({ simulator, lateMs, everyMs, random }: LateOptions): LateChanges {
  const stopping = new AbortController();
  const keys = new Map(exportServices.map((service) => [service, keysOf(simulator, service)]));
  const services = exportServices.filter((service) => (keys.get(service)?.length ?? 0) > 0);
  /** By service and entity, when the last hidden change could be seen. */
  const hiddenUntil = new Map<string, number>();
  let made = 0;
  let last = 0;
  const working = work().catch(() => {});

  return {
    get made() {
      return made;
    },
    isLate(service, record) {
      const until = hiddenUntil.get(nameOf(service, record));
      // A later version is hidden too until the one before it is committed.
      return until !== undefined && modifiedAt(record) <= until;
    },
    async stop() {
      stopping.abort();
      await working;
      while (simulator.now() <= last) await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };

  async function work(): Promise<void> {
    for await (const _ of setInterval(everyMs, undefined, { signal: stopping.signal })) {
      const service = services[Math.floor(random() * services.length)] ?? 'PERSON';
      const known = keys.get(service) ?? [];
      const key = known[Math.floor(random() * known.length)] ?? [];
      const hiddenMs = Math.ceil(random() * lateMs);
      const documentState = random() < 0.1 ? 'DELETED' : 'ACTIVE';
      const record = simulator.change(service, { key, lateMs: hiddenMs, documentState });
      // What was hidden before it keeps it hidden longer.
      const name = nameOf(service, record);
      const until = Math.max(hiddenUntil.get(name) ?? 0, simulator.now() + hiddenMs);
      hiddenUntil.set(name, until);
      last = Math.max(last, until);
      made += 1;
    }
  }
}

/** Some entities of each service: those that change late come again and again. */
const mostKeys = 200;

function keysOf(simulator: SisSimulator, service: ExportService): (readonly string[])[] {
  const keys: (readonly string[])[] = [];
  for (const { key } of simulator.newest(service)) {
    keys.push(key);
    if (keys.length === mostKeys) break;
  }
  return keys;
}

function nameOf(service: ExportService, { key, value }: SisRecord): string {
  return `${service} ${'snapshotDateTime' in value ? (key[0] ?? '') : spellKey(key)}`;
}

function modifiedAt({ value }: SisRecord): number {
  const metadata = value['metadata'];
  const written =
    typeof metadata === 'object' && metadata !== null && 'lastModifiedOn' in metadata
      ? metadata.lastModifiedOn
      : '';
  return Date.parse(`${String(written).slice(0, 23)}Z`);
}
