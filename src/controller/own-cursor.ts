import { changedWindowFields } from '../state/cursor.ts';
import type { RawEntry } from '../state/parse.ts';
import type { StoredRun } from '../store/stored-run.ts';

/** An entry as its run knows it, and the ordinal that the run itself is about to write, or was when it was killed. */
export interface OwnCursor {
  readonly frozen: RawEntry;
  readonly intended: number | undefined;
}

/** What a stored run knows of its entry. */
export function ownCursor({ frozen, span }: Pick<StoredRun, 'frozen' | 'span'>): OwnCursor {
  return { frozen, intended: span.kind === 'chained' ? span.intended : undefined };
}

/** The window-shaping fields that a person changed since the run began (S4). What the run itself writes is no edit. */
export function editedFields({ frozen, intended }: OwnCursor, raw: RawEntry): readonly string[] {
  const changed = changedWindowFields(frozen, raw);
  if (changed.length === 0 || intended === undefined) return changed;
  const written = changedWindowFields({ ...frozen, latest_ordinal: intended }, raw);
  return written.length === 0 ? written : changed;
}

/** The entry as the run knows it, with its own last write if that reached the file before it could be noted. */
export function acknowledged({ frozen, intended }: OwnCursor, raw: RawEntry): RawEntry {
  if (intended === undefined || changedWindowFields(frozen, raw).length === 0) return frozen;
  const written = { ...frozen, latest_ordinal: intended };
  return changedWindowFields(written, raw).length === 0 ? written : frozen;
}
