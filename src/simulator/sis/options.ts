import type { CommonOptions } from '../controls.ts';
import type { ExportService, SisKind, SisService } from './services.ts';

export interface SisOptions extends CommonOptions<SisKind> {
  /** Default 0: any free one. The host is always 127.0.0.1. */
  readonly port?: number;
  /** The port of the public address, where codebooks and curriculum periods are. Default 0: any free one. */
  readonly publicPort?: number;
  /**
   * How many entities there are at the start: of each service, with none of those left out, or of all together, up to
   * 10 million, shared out as at a university. Default 1000. Older versions of snapshots come on top: some 31 %.
   */
  readonly entities?: number | Readonly<Partial<Record<ExportService, number>>>;
  /** New versions, deletions, drafts and new entities together. Default 0. */
  readonly changesPerSecond?: number;
  /** A quarter of the changes can be seen only up to so many milliseconds after they got their ordinal. Default 0: none. */
  readonly lateMs?: number;
  /** One entity in so many carries `"testError": true` in all its versions, by its number alone. Default 0: none. */
  readonly poison?: number;
  /** One page in so many ends early by an internal limit, with `hasMore`. Default 5; 0 never. */
  readonly shortPages?: number;
  /** One page in so many is empty, with `hasMore` and a `greatestOrdinal` that moved on. Default 25; 0 never. */
  readonly emptyPages?: number;
  /** Services whose parameter has another name than `since`, for example `{ PERSON: 'sinceOrdinal' }` (apis.md 3.1). */
  readonly sinceNames?: Readonly<Partial<Record<ExportService, string>>>;
  /** Default none. */
  readonly auth?: SisAuth;
  /** Serves https instead of http, by these PEM texts. */
  readonly tls?: SisTls;
  /** Services that answer 403 from the start. */
  readonly forbidden?: readonly SisService[];
  /** The zone of the moments in `metadata`, which are written without one. Default UTC. */
  readonly timeZone?: string;
}

/** Who is let in to exports and GraphQL (systems.md 2.2). The public address lets everybody in. */
export type SisAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'api-key'; readonly key: string };

export interface SisTls {
  readonly key: string;
  readonly cert: string;
  /** Whose client certificates are accepted; without it none is asked for. The public address asks for none. */
  readonly clientCa?: string;
}
