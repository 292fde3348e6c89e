import { SettingError } from '../model/errors.ts';
import { apiTime } from './api-time.ts';
import { idOf } from './member.ts';
import type { MemberList } from './member-list.ts';
import { statusOf, type MemberStatus } from './member-status.ts';
import type { Population } from './population.ts';

/** A member as a test compares it with what arrived. */
export interface MemberState {
  readonly id: string;
  readonly last_changed: string;
  readonly status: MemberStatus;
}

/** A look behind the API, and a hand on what is there. All throw SettingError for a list or a member that is not. */
export interface MemberBook {
  /** Who is on the list now, in no order that means anything. */
  members(listId: string): MemberState[];
  /** The ids of those who left since the start, in the order they left. */
  departed(listId: string): string[];
  /** Changes a member now and returns its new state. */
  change(listId: string, id: string): MemberState;
  /** Takes a member off the list for ever, without a trace. */
  depart(listId: string, id: string): void;
  /** Puts a new member on the list now. */
  join(listId: string): MemberState;
}

export function createMemberBook(lists: ReadonlyMap<string, MemberList>): MemberBook {
  // An id is a hash of the member's number alone, so one index serves all lists.
  const numbers = new Map<string, number>();

  return {
    members(listId) {
      const population = find(listId);
      const present: MemberState[] = [];
      for (let member = 0; member < population.everJoined(); member++) {
        if (population.isPresent(member)) present.push(stateOf(population, member));
      }
      return present;
    },
    departed: (listId) => find(listId).departed().map(idOf),
    change(listId, id) {
      const population = find(listId);
      const member = numberOf(population, id);
      population.change(member);
      return stateOf(population, member);
    },
    depart(listId, id) {
      const population = find(listId);
      population.depart(numberOf(population, id));
    },
    join(listId) {
      const population = find(listId);
      return stateOf(population, population.join());
    },
  };

  function find(listId: string): Population {
    const list = lists.get(listId);
    if (!list)
      throw new SettingError(`there is no list "${listId}"`, `There is ${[...lists.keys()].join(', ')}.`);
    list.population.catchUp();
    return list.population;
  }

  function numberOf(population: Population, id: string): number {
    for (let member = numbers.size; member < population.everJoined(); member++)
      numbers.set(idOf(member), member);
    const member = numbers.get(id);
    if (member === undefined || !population.isPresent(member)) {
      throw new SettingError(`member ${id} is not on the list`, 'Take an id from members().');
    }
    return member;
  }
}

function stateOf(population: Population, member: number): MemberState {
  return {
    id: idOf(member),
    last_changed: apiTime(population.lastChanged(member)),
    status: statusOf(member, population.version(member)),
  };
}
