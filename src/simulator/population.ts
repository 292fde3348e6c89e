import type { EpochSeconds } from '../model/time.ts';
import { createChangeOrder } from './change-order.ts';
import { createChurn, type ChurnRates } from './churn.ts';
import { firstChanges, firstOptIn } from './first-changes.ts';
import { statusOf, type MemberStatus } from './member-status.ts';
import { createRandom } from './random.ts';

/** Which members of a list are asked for, and in what order. */
export interface MembersWindow {
  /** The least and the greatest last change, both inclusive. */
  readonly from: EpochSeconds;
  readonly to: EpochSeconds;
  readonly status: MemberStatus | undefined;
  readonly sort: 'last_changed' | 'joined';
  readonly descending: boolean;
}

/** The members of one list, by number: 0, 1, 2 ... in the order they joined. A number is never used again. */
export interface Population {
  /** Lets everything happen that is due by the clock; a clock that was put back is waited for. */
  catchUp(): void;
  /** The members [offset, offset + count) of the window, and how many it holds. */
  page(
    window: MembersWindow,
    offset: number,
    count: number,
  ): { readonly members: number[]; readonly total: number };
  /** Every member there has been has a number below this. */
  everJoined(): number;
  isPresent(member: number): boolean;
  departed(): readonly number[];
  lastChanged(member: number): EpochSeconds;
  optedIn(member: number): EpochSeconds;
  /** How often the member has changed since the start. */
  version(member: number): number;
  change(member: number): void;
  depart(member: number): void;
  join(): number;
}

export interface PopulationOptions extends ChurnRates {
  readonly members: number;
  readonly seed: number;
  readonly now: () => number;
}

/** A list that changes while it is read: the same seed and the same clock give the same list. */
export function createPopulation(options: PopulationOptions): Population {
  const random = createRandom(options.seed);
  let now = options.now();
  const start = Math.floor(now / 1000);
  const order = createChangeOrder(firstChanges(options.members, start, random));
  let versions = new Uint32Array(options.members);
  const joinSeconds: EpochSeconds[] = [];
  const gone: number[] = [];

  const churn = createChurn(options, now, (kind, at) => {
    const second = Math.floor(at / 1000);
    if (kind === 'join') joinAt(second);
    else if (order.size() > 0) {
      const [member = 0] = pick(Math.floor(random() * order.size()));
      if (kind === 'change') changeAt(member, second);
      else leave(member);
    }
  });

  return {
    catchUp,
    page(window, offset, count) {
      if (window.sort === 'last_changed' && window.status === undefined)
        return slotsOf(window, offset, count);
      const all = filtered(window);
      return { members: all.slice(offset, offset + count), total: all.length };
    },
    everJoined: () => options.members + joinSeconds.length,
    isPresent: (member) => order.has(member),
    departed: () => gone,
    lastChanged: (member) => order.secondOf(member),
    optedIn: (member) => joinSeconds[member - options.members] ?? firstOptIn(member, options.members, start),
    version,
    change(member) {
      catchUp();
      changeAt(member, Math.floor(now / 1000));
    },
    depart(member) {
      catchUp();
      leave(member);
    },
    join() {
      catchUp();
      return joinAt(Math.floor(now / 1000));
    },
  };

  function catchUp(): void {
    now = Math.max(now, options.now());
    churn(now);
  }

  function pick(rank: number): number[] {
    return order.read(rank, rank + 1);
  }

  function version(member: number): number {
    return versions[member] ?? 0;
  }

  function changeAt(member: number, second: EpochSeconds): void {
    versions[member] = version(member) + 1;
    order.moveToEnd(member, second);
  }

  function leave(member: number): void {
    order.remove(member);
    gone.push(member);
  }

  function joinAt(second: EpochSeconds): number {
    const member = options.members + joinSeconds.length;
    joinSeconds.push(second);
    if (member >= versions.length) {
      const larger = new Uint32Array(Math.max(1024, versions.length * 2));
      larger.set(versions);
      versions = larger;
    }
    order.moveToEnd(member, second);
    return member;
  }

  /** The quick way: places in the order of changes, without looking at anyone outside the page. */
  function slotsOf(window: MembersWindow, offset: number, count: number): ReturnType<Population['page']> {
    const first = order.countUntil(window.from - 1);
    const last = Math.max(first, order.countUntil(window.to));
    const total = last - first;
    const skip = Math.min(offset, total);
    const take = Math.min(count, total - skip);
    const members = window.descending
      ? order.read(last - skip - take, last - skip).toReversed()
      : order.read(first + skip, first + skip + take);
    return { members, total };
  }

  function filtered(window: MembersWindow): number[] {
    const inOrder = window.sort === 'last_changed' ? order.read(0, order.size()) : joinOrder();
    const all = inOrder.filter((member) => {
      const second = order.secondOf(member);
      if (second < window.from || second > window.to) return false;
      return window.status === undefined || statusOf(member, version(member)) === window.status;
    });
    return window.descending ? all.toReversed() : all;
  }

  function joinOrder(): number[] {
    const present: number[] = [];
    for (let member = 0; member < options.members + joinSeconds.length; member++) {
      if (order.has(member)) present.push(member);
    }
    return present;
  }
}
