import type { EpochSeconds } from '../model/time.ts';
import { createRanks } from './ranks.ts';

/** Members in the order of their last change. Seconds only grow, so a change is always an append. */
export interface ChangeOrder {
  /** How many members have a place. */
  size(): number;
  has(member: number): boolean;
  /** The second of the member's last change; the member must have a place. */
  secondOf(member: number): EpochSeconds;
  /** Gives the member the last place, taking it out of the one it had. */
  moveToEnd(member: number, second: EpochSeconds): void;
  remove(member: number): void;
  /** How many members changed at `second` or before. */
  countUntil(second: EpochSeconds): number;
  /** The members at the places [from, to), both within [0, size()]. */
  read(from: number, to: number): number[];
}

/**
 * Starts with member 0, 1, 2 ... having changed at `seconds[0]`, `seconds[1]` ...
 * A place left behind stays as a hole until the slots run out; then all of them are laid out anew.
 */
export function createChangeOrder(seconds: Uint32Array): ChangeOrder {
  let slotOf = new Int32Array(seconds.length);
  let memberAt = sortedBySecond(seconds);
  let secondAt = Uint32Array.from(memberAt, (member) => seconds[member] ?? 0);
  let end = memberAt.length;
  let size = memberAt.length;
  let ranks = createRanks(0, 0);
  layOut();

  return {
    size: () => size,
    has: (member) => slot(member) >= 0,
    secondOf: (member) => secondAt[slot(member)] ?? 0,
    moveToEnd(member, second) {
      if (slot(member) >= 0) vacate(member);
      if (end === memberAt.length) layOut();
      if (member >= slotOf.length) slotOf = grown(slotOf, member + 1, -1);
      slotOf[member] = end;
      memberAt[end] = member;
      secondAt[end] = Math.max(second, end > 0 ? (secondAt[end - 1] ?? 0) : 0);
      ranks.set(end);
      end++;
      size++;
    },
    remove: vacate,
    countUntil: (second) => ranks.before(firstSlotAfter(second)),
    read(from, to) {
      const members: number[] = [];
      if (from >= to) return members;
      for (let at = ranks.at(from); members.length < to - from; at++) {
        const member = memberAt[at] ?? -1;
        if (member >= 0) members.push(member);
      }
      return members;
    },
  };

  function slot(member: number): number {
    return slotOf[member] ?? -1;
  }

  function vacate(member: number): void {
    const at = slot(member);
    memberAt[at] = -1;
    slotOf[member] = -1;
    ranks.clear(at);
    size--;
  }

  /** Holes keep their second, so the seconds of all slots ascend and can be searched. */
  function firstSlotAfter(second: EpochSeconds): number {
    let low = 0;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((secondAt[middle] ?? 0) <= second) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Closes the holes and makes room for as many changes as there are members, so that its cost is O(1) a change. */
  function layOut(): void {
    const room = size * 2 + 1024;
    const members = new Int32Array(room).fill(-1);
    const changed = new Uint32Array(room);
    let next = 0;
    for (let at = 0; at < end; at++) {
      const member = memberAt[at] ?? -1;
      if (member < 0) continue;
      members[next] = member;
      changed[next] = secondAt[at] ?? 0;
      slotOf[member] = next++;
    }
    memberAt = members;
    secondAt = changed;
    end = next;
    ranks = createRanks(room, next);
  }
}

function sortedBySecond(seconds: Uint32Array): Int32Array<ArrayBuffer> {
  const earliest = seconds.reduce((one, other) => Math.min(one, other), seconds[0] ?? 0);
  // Second and member in one number sort natively: 29 bits for 17 years and 24 for the member fit a double exactly.
  const keys = Float64Array.from(
    seconds,
    (second, member) => (second - earliest) * 2 ** 24 + member,
  ).toSorted();
  return Int32Array.from(keys, (key) => key % 2 ** 24);
}

function grown(array: Int32Array<ArrayBuffer>, atLeast: number, filler: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(atLeast, array.length * 2, 1024)).fill(filler, array.length);
  larger.set(array);
  return larger;
}
