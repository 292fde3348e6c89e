/**
 * One object of the `state.json` array, in the file's own words (S1).
 * Fields a person did not write are absent; defaults belong to the service and are never written back.
 */
export interface Entry {
  readonly list_id?: string | undefined;
  readonly service?: string | undefined;
  readonly latest_timestamp?: string | null | undefined;
  /** An object by service for an entry that stands for a group of them (S16). */
  readonly latest_ordinal?: number | Readonly<Record<string, number | null>> | null | undefined;
  readonly start_offset?: number | undefined;
  readonly items_per_request?: number | undefined;
  readonly worker_count?: number | undefined;
  readonly elapsed_seconds?: number | undefined;
  readonly total_updates?: number | undefined;
  readonly id?: string | undefined;
  readonly account?: string | undefined;
  readonly sink?: string | undefined;
  readonly schedule?: string | undefined;
  readonly timezone?: string | undefined;
  readonly refresh_seconds?: number | undefined;
  /** An object by service for an entry that stands for a group of them. */
  readonly paused?: boolean | Readonly<Record<string, boolean>> | undefined;
}

export type EntryField = keyof Entry;

/** The only fields the controller writes of its own accord (S1). */
export const controllerFields = [
  'latest_timestamp',
  'latest_ordinal',
  'elapsed_seconds',
  'total_updates',
] as const satisfies readonly EntryField[];

/** The fields that shape what a run reads and where it goes: changing one cancels the live run (S1, S4). */
export const windowFields = [
  'list_id',
  'service',
  'account',
  'start_offset',
  'sink',
  'latest_timestamp',
  'latest_ordinal',
] as const satisfies readonly EntryField[];

/** What an entry is called on screens and in logs: `list "1a2d"` or `service "demo"`. */
export function entryLabel(entry: Entry): string {
  return entry.list_id === undefined ? `service "${entry.service ?? '?'}"` : `list "${entry.list_id}"`;
}

/** The name of the service that runs the entry; `list_id` entries use `lists`. */
export function serviceName(entry: Entry): string {
  return entry.service ?? 'lists';
}
