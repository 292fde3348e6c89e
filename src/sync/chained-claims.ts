import { contentHash } from '../model/ids.ts';
import type { ChainedPage, DeadLetter, SourceRecord } from '../model/record.ts';
import { newestOfEachKey } from './claims.ts';

/** What a chained page adds to a run. */
export interface ChainedClaim {
  readonly fresh: readonly SourceRecord[];
  readonly letters: readonly DeadLetter[];
  /** Records that the run before had published already (S10). */
  readonly ignored: number;
}

/** Decides for every record of a chained run whether it is to be published. Pages come in their order. */
export interface ChainedClaims {
  claim(page: ChainedPage): ChainedClaim;
  /** Key and version of the records behind an ordinal, which the next run's overlap will bring again. */
  tail(from: number): ReadonlyMap<string, string>;
  /**
   * What was added behind an ordinal since this was called last: a session that ends here must not leave it unsaved.
   * Without those of a source that does not tell when they were changed, as that would be all of them.
   */
  takeTail(from: number): ReadonlyMap<string, string>;
}

/** Beyond this many a tail is not kept: the next run publishes those again, which is harmless. */
const longestTail = 50_000;

/**
 * @param cursor `latest_ordinal` when the run began: only what stands at or before it can have been published
 * @param known the tail of the run before
 */
export function createChainedClaims(
  service: string,
  cursor: number,
  known: ReadonlyMap<string, string>,
): ChainedClaims {
  /** In the order of reading, which is that of the ordinals. */
  const recent = new Map<string, number>();
  let added = new Map<string, number>();
  let taken = 0;
  const wasPublished = ({ key, version }: SourceRecord): boolean =>
    version <= cursor && key !== undefined && known.get(key) === String(version);
  const remember = (name: string, version: number, modified: number | undefined): void => {
    recent.delete(name);
    recent.set(name, version);
    if (modified !== undefined) added.set(name, version);
  };

  return {
    claim({ records }) {
      const fresh: SourceRecord[] = [];
      const letters: DeadLetter[] = [];
      let ignored = 0;
      for (const record of newestOfEachKey(records)) {
        const { key, version, modified, value } = record;
        if (key === undefined) {
          // Its version is its page's, and another one at the next reading; its content is what it is known by.
          const name = `without key ${contentHash(JSON.stringify(value))}`;
          remember(name, version, modified);
          if (known.has(name)) ignored += 1;
          else letters.push({ service, key, reason: 'the record has no key', payload: value });
          continue;
        }
        remember(key, version, modified);
        if (wasPublished(record)) ignored += 1;
        else fresh.push(record);
      }
      while (recent.size > longestTail) {
        const [oldest] = recent.keys();
        if (oldest === undefined) break;
        recent.delete(oldest);
      }
      return { fresh, letters, ignored };
    },
    tail: (from) => behind(recent, from),
    takeTail(from) {
      // A long run near the head of the source never settles: what it leaves must not grow with it.
      const found = taken < longestTail ? behind(added, from) : new Map<string, string>();
      added = new Map();
      taken += found.size;
      return found;
    },
  };
}

function behind(versions: ReadonlyMap<string, number>, from: number): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, version] of versions) if (version > from) found.set(key, String(version));
  return found;
}

/** One text for all that a whole source gave: the same content in another order is the same. */
export function stampOfWhole(records: readonly SourceRecord[]): string {
  const texts = records.map(({ value }) => JSON.stringify(value));
  return contentHash(texts.toSorted().join('\n'));
}
