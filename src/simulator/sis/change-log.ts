import type { DocumentState, History, Version } from './history.ts';
import type { Ordinals } from './ordinals.ts';

/** A version as it stands in the log of its service. */
export interface LoggedVersion extends Version {
  readonly ordinal: number;
}

/** What happens to a service. */
export interface Change {
  /** The entity it happens to; undefined for a new one. */
  readonly number: number | undefined;
  readonly state: DocumentState;
  /** Epoch milliseconds; never less than that of the change before. */
  readonly at: number;
  /** The change has its ordinal at once and can be seen only so many milliseconds later: its transaction is open. */
  readonly lateMs: number;
}

/** The changes of one service by ordinal, from which the export API reads. */
export interface ChangeLog {
  /**
   * The versions behind `ordinal` that an export shows at the moment `now`, in order: all that can be seen where versions
   * are kept, else the newest of each entity that can be seen. Moments may only grow from call to call.
   */
  after(ordinal: number, now: number): Generator<LoggedVersion, void>;
  /** Adds a change, with the next ordinal. */
  add(change: Change): LoggedVersion;
  /** Every entity there has been has a number below this. */
  everMade(): number;
  /** The entity of the latest change but `back`; undefined where there has been none. */
  recent(back: number): number | undefined;
}

interface Logged extends LoggedVersion {
  readonly slot: number;
  readonly visibleAt: number;
  /** When the next version of the entity can be seen, and this one no more where versions are not kept. */
  supersededAt: number;
}

interface LogOptions {
  readonly history: History;
  readonly ordinals: Ordinals;
  readonly size: number;
  readonly keepsVersions: boolean;
}

/** Memory is needed only for what was added, and where versions are not kept, only for the entities concerned. */
export function createChangeLog({ history, ordinals, size, keepsVersions }: LogOptions): ChangeLog {
  let changes: Logged[] = [];
  let roomFor = 1024;
  let slots = history.slots;
  let made = size;
  /** By number of the entities that were changed: the newest version, and when the one of the history was superseded. */
  const changed = new Map<number, { last: Logged; readonly firstVisibleAt: number }>();

  return {
    *after(ordinal, now) {
      const first = ordinals.firstSlotAfter(ordinal);
      for (let slot = first; slot < history.slots; slot++) {
        const version = history.version(slot);
        const replaced = !keepsVersions && (changed.get(version.number)?.firstVisibleAt ?? Infinity) <= now;
        if (!replaced) yield { ...version, ordinal: ordinals.of(slot) };
      }
      // Tidying up puts another list in place of this one and leaves this one as it is.
      const list = changes;
      for (let at = firstAt(list, first); at < list.length; at++) {
        const change = list[at];
        if (change === undefined || change.visibleAt > now) continue;
        if (keepsVersions || change.supersededAt > now) yield change;
      }
    },
    add({ number = made++, state, at, lateMs }) {
      const before = changed.get(number);
      // The row stays locked until the transaction before is over, so versions of an entity appear in their order.
      const visibleAt = Math.max(at + lateMs, before?.last.visibleAt ?? 0);
      const slot = slots++;
      const revision = 1 + (before?.last.revision ?? (number < size ? history.revision(number) : 0));
      const madeAt = before?.last.madeAt ?? (number < size ? history.madeAt(number) : at);
      const version = { number, revision, state, at, madeAt, ordinal: ordinals.of(slot) };
      const change = { ...version, slot, visibleAt, supersededAt: Infinity };
      if (before) {
        before.last.supersededAt = visibleAt;
        before.last = change;
      } else changed.set(number, { last: change, firstVisibleAt: visibleAt });
      if (changes.length >= roomFor) tidyUp(at);
      changes.push(change);
      return change;
    },
    everMade: () => made,
    recent: (back) => changes.at(-1 - back)?.number,
  };

  function tidyUp(now: number): void {
    if (!keepsVersions) changes = changes.filter(({ supersededAt }) => supersededAt > now);
    roomFor = changes.length * 2 + 1024;
  }
}

/** Where the changes from `slot` on begin. */
function firstAt(changes: readonly Logged[], slot: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle]?.slot ?? 0) < slot) low = middle + 1;
    else high = middle;
  }
  return low;
}
