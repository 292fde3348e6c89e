import type { Entry } from '../model/entry.ts';
import type { OrdinalKeys } from '../model/ordinal-keys.ts';
import type { Traffic } from '../model/traffic.ts';
import type { HttpClient } from '../net/client.ts';
import type { Quotas } from '../net/quota.ts';
import type { QueueStore } from '../queue/contract.ts';
import type { Sink } from '../sink/contract.ts';
import type { ChainedSource, RangedSource, WholeSource } from '../source/contract.ts';

export type { ChainedSource, RangedSource, Sink, WholeSource };

/** A named recipe: where an entry's records come from, where they go, and its defaults. */
export interface Service {
  readonly name: string;
  /** The name that stands for this service and all others of its group: `sisu`. */
  readonly group?: string;
  readonly defaults: ServiceDefaults;
  /** What of a well-formed entry this service cannot run with; undefined when nothing. */
  check(entry: Entry): EntryFault | undefined;
  /** The source of one run of an entry. Opening sends nothing. @throws SettingError when a key is missing */
  openSource(entry: Entry, context: SourceContext): Promise<OpenedSource>;
  /** Where the entry's chunks go. */
  openSink(entry: Entry, context: SinkContext): Sink;
  /** Closes what runs share. Idempotent. */
  close(): Promise<void>;
}

/** What holds where an entry says nothing. */
export interface ServiceDefaults {
  readonly itemsPerRequest: number;
  readonly workerCount: number;
  /** When it runs, as a cron expression of five fields; without it an entry is due by its age. */
  readonly schedule?: string;
  /** The zone of `schedule`; UTC when absent. */
  readonly timezone?: string;
  /** It is read at each start too: nothing tells when it changes. */
  readonly atStart?: boolean;
}

export interface EntryFault {
  /** The field to point at. */
  readonly field: keyof Entry;
  /** Follows the field's name: `must be ...`. */
  readonly message: string;
}

export interface SourceContext {
  /** The environment, `.env` included. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly client: HttpClient;
  readonly quotas: Quotas;
}

export interface SinkContext {
  readonly queue: QueueStore;
}

export interface KeysContext {
  /** Absent where no Redis could hold the old importer's keys (S16). */
  readonly ordinalKeys?: OrdinalKeys | undefined;
}

/** Everything the services of a process run with. */
export type ServiceContext = SourceContext & SinkContext & KeysContext;

/** A source by the kind of its pages, which decides how a run reads it. */
export type OpenedSource = (
  | { readonly kind: 'ranged'; readonly source: RangedSource }
  | { readonly kind: 'chained'; readonly source: ChainedSource }
  | { readonly kind: 'whole'; readonly source: WholeSource }
) & {
  readonly traffic: () => Traffic;
};

export type OpenedRanged = Extract<OpenedSource, { kind: 'ranged' }>;
