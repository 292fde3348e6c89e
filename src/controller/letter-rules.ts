import type { LetterFilter } from '../model/letters.ts';
import { ownerOf } from '../state/group.ts';
import type { StoredLetter, StoredSummary } from '../store/letter-rows.ts';

/**
 * Whether a filter means a letter.
 * @param named the identities of the entries in the file that the names in the filter mean
 */
export function isMeant(
  letter: StoredSummary,
  { service, entry, reason, since }: LetterFilter,
  named: { readonly service: ReadonlySet<string>; readonly entry: ReadonlySet<string> },
): boolean {
  const { identity, member } = ownerOf(letter.entry);
  const isInGroup = member !== undefined && named.service.has(identity);
  if (service !== undefined && letter.service !== service && !isInGroup) return false;
  if (entry !== undefined && !isCalled(letter, entry) && !named.entry.has(identity)) return false;
  if (reason !== undefined && !letter.reason.toLowerCase().includes(reason.toLowerCase())) return false;
  return since === undefined || letter.last >= since;
}

/** Also of entries that are not in the file any more. */
function isCalled({ label }: StoredSummary, name: string): boolean {
  return label === name || label.includes(`"${name}"`);
}

/** Why a letter cannot be published again; undefined when it can. */
export function refusalOf({
  key,
  place,
  chunk,
}: Pick<StoredLetter, 'key' | 'place' | 'chunk'>): string | undefined {
  if (key === undefined)
    return 'it has no key: no consumer could tell which record it is; correct it at its source, and its next change is read again';
  if (place === undefined || chunk === undefined)
    return 'it was not noted where it was bound for; correct it at its source, or reset its entry to read it again';
  return undefined;
}

/** The id of the chunk under which a letter is published again for the n-th time (S12). */
export function retryId(chunk: string, n: number): string {
  return `${chunk}-r${n}`;
}
