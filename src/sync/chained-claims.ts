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
  const wasPublished = ({ key, version }: SourceRecord): boolean =>
    version <= cursor && key !== undefined && known.get(key) === String(version);
  const remember = (name: string, version: number): void => {
    recent.delete(name);
    recent.set(name, version);
  };

  return {
    claim({ records }) {
      const fresh: SourceRecord[] = [];
      const letters: DeadLetter[] = [];
      let ignored = 0;
      for (const record of newestOfEachKey(records)) {
        const { key, version, value } = record;
        if (key === undefined) {
          // Its version is its page's, and another one at the next reading; its content is what it is known by.
          const name = `without key ${contentHash(JSON.stringify(value))}`;
          remember(name, version);
          if (known.has(name)) ignored += 1;
          else letters.push({ service, key, reason: 'the record has no key', payload: value });
          continue;
        }
        remember(key, version);
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
    tail: (from) =>
      new Map(
        [...recent].filter(([, version]) => version > from).map(([key, version]) => [key, String(version)]),
      ),
  };
}

/** One text for all that a whole source gave: the same content in another order is the same. */
export function stampOfWhole(records: readonly SourceRecord[]): string {
  const texts = records.map(({ value }) => JSON.stringify(value));
  return contentHash(texts.toSorted().join('\n'));
}
