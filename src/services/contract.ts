import type { Entry } from '../model/entry.ts';
import type { HttpClient } from '../net/client.ts';
import type { Quotas } from '../net/quota.ts';
import type { QueueStore } from '../queue/contract.ts';
import type { Sink } from '../sink/contract.ts';
import type { RangedSource } from '../source/contract.ts';

/** A named recipe: where an entry's records come from, where they go, and its defaults. */
export interface Service {
  readonly name: string;
  readonly defaults: { readonly itemsPerRequest: number; readonly workerCount: number };
  /** What of a well-formed entry this service cannot run with; undefined when nothing. */
  check(entry: Entry): EntryFault | undefined;
  /** The source of one run of an entry. Opening sends nothing. @throws SettingError when a key is missing */
  openSource(entry: Entry, context: SourceContext): Promise<OpenedSource>;
  /** Where the entry's chunks go. */
  openSink(entry: Entry, context: SinkContext): Sink;
  /** Closes what runs share. Idempotent. */
  close(): Promise<void>;
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

/** Everything the services of a process run with. */
export type ServiceContext = SourceContext & SinkContext;

export interface OpenedSource {
  readonly source: RangedSource;
  /** What was asked of the source since it was opened, retries included; bytes as they came over the wire. */
  readonly traffic: () => { readonly requests: number; readonly bytes: number };
}
