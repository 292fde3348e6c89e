import type { JsonValue } from './merge.ts';
import type { RawEntry } from './parse.ts';

/** The fields that a group's entry may have by service; all others are those of all its services. */
export const fieldsByService: readonly string[] = ['latest_ordinal', 'paused'];

/**
 * One service of a group's entry as if it had an entry of its own (S16): its ordinal is one of the object's, and so is
 * whether it is paused. What stands there and is no object is everyone's: no run may write over what a person is in the
 * middle of (invariant 5).
 */
export function memberOf(raw: RawEntry, service: string): RawEntry {
  const { latest_ordinal: ordinals, paused, ...others } = raw;
  const ordinal = isObject(ordinals) ? own(ordinals, service) : (ordinals ?? undefined);
  const isPaused = isObject(paused) ? own(paused, service) : paused;
  return {
    ...others,
    service,
    ...(ordinal === undefined ? {} : { latest_ordinal: ordinal }),
    ...(isPaused === undefined ? {} : { paused: isPaused }),
  };
}

/**
 * What a write for one service is in the group's entry: the others' ordinals stay as they are, and what one run reports
 * has no place there.
 */
export function inGroup(
  fields: Readonly<Record<string, JsonValue>>,
  service: string,
): Readonly<Record<string, JsonValue>> {
  const { latest_ordinal: ordinal, elapsed_seconds: _seconds, total_updates: _updates, ...others } = fields;
  return { ...others, ...(ordinal === undefined ? {} : { latest_ordinal: { [service]: ordinal } }) };
}

/**
 * What `paused` becomes in a group's entry when some of its services pause or go on and the others stay as they are;
 * undefined when it is so already. Set key by key, as a merge does it.
 * @param all the services that stand in the entry
 */
export function pausedInGroup(
  raw: RawEntry,
  all: readonly string[],
  some: readonly string[],
  paused: boolean,
): JsonValue | undefined {
  const now = raw['paused'];
  if (now === paused) return undefined;
  if (now === true) {
    const others = all.filter((service) => !some.includes(service));
    return others.length === 0 ? false : Object.fromEntries(others.map((service) => [service, true]));
  }
  const changed = some.filter((service) => ((isObject(now) && own(now, service)) || false) !== paused);
  return changed.length === 0 ? undefined : Object.fromEntries(changed.map((service) => [service, paused]));
}

/** The identity of one service of a group's entry. Those of entries hold no `/`. */
export function memberKey(identity: string, service: string): string {
  return `${identity}/${service}`;
}

/** Whose entry of the file a key belongs to, and for which of its services. */
export function ownerOf(key: string): { readonly identity: string; readonly member: string | undefined } {
  const slash = key.indexOf('/');
  if (slash < 0) return { identity: key, member: undefined };
  return { identity: key.slice(0, slash), member: key.slice(slash + 1) };
}

function own(values: Readonly<Record<string, unknown>>, service: string): unknown {
  return Object.hasOwn(values, service) ? values[service] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
