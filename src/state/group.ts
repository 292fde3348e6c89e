import type { JsonValue } from './merge.ts';
import type { RawEntry } from './parse.ts';

/**
 * One service of a group's entry as if it had an entry of its own (S16): its ordinal is one of the object's. What stands
 * there and is no object is everyone's: no run may write over what a person is in the middle of (invariant 5).
 */
export function memberOf(raw: RawEntry, service: string): RawEntry {
  const { latest_ordinal: ordinals, ...others } = raw;
  const ordinal = isObject(ordinals) ? own(ordinals, service) : (ordinals ?? undefined);
  return { ...others, service, ...(ordinal === undefined ? {} : { latest_ordinal: ordinal }) };
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

function own(ordinals: Readonly<Record<string, unknown>>, service: string): unknown {
  return Object.hasOwn(ordinals, service) ? ordinals[service] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
