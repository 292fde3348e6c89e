import { controllerFields } from '../model/entry.ts';
import { canonical } from './canonical.ts';
import { cursorOf } from './cursor.ts';
import type { RawEntry } from './parse.ts';

/** An entry of a version of the file together with who it is. Identity is kept in `sluice.db`, never in the file. */
export interface KnownEntry {
  readonly identity: string;
  readonly raw: RawEntry;
}

/** `same`: it was in the version before. `new`: it was not. `ambiguous`: it may have been either of several. */
export type MatchKind = 'same' | 'new' | 'ambiguous';

export interface MatchedEntry extends KnownEntry {
  readonly kind: MatchKind;
}

export interface StateMatch {
  /** One for each entry of the new version, in its order. */
  readonly entries: readonly MatchedEntry[];
  /** Identities of the version before that nothing in the new one answers to. */
  readonly gone: readonly string[];
}

/**
 * Which entry of a new version of the file is which of the version before (S3): by `id`; then the same list or service
 * with all other fields equal; then most equal fields leaving out the controller's, an equal cursor first; then order.
 * Where that leaves a choice between different cursors, the entries concerned are `ambiguous` and, like new ones, get an
 * identity from `draw`: nothing known about the old ones is applied to them. Pure but for `draw`.
 */
export function matchEntries(
  before: readonly KnownEntry[],
  after: readonly RawEntry[],
  draw: () => string,
): StateMatch {
  const old = before.map((entry) => describe(entry.raw));
  const fresh = after.map((raw) => describe(raw));
  const found = new Map<number, number>();
  const ambiguous = new Set<number>();
  const open: Open = { old: new Set(old.keys()), fresh: new Set(fresh.keys()) };
  const pair = (from: number, to: number): void => {
    found.set(to, from);
    open.old.delete(from);
    open.fresh.delete(to);
  };

  for (const group of groups(old, fresh, open, (entry) => entry.id)) {
    const [from, ...otherOld] = group.old;
    const [to, ...otherFresh] = group.fresh;
    if (from !== undefined && to !== undefined && otherOld.length + otherFresh.length === 0) pair(from, to);
  }
  for (const group of groups(old, fresh, open, (entry) => entry.whole)) pairInPlace(group, pair);
  for (const group of groups(old, fresh, open, (entry) => entry.subject)) {
    for (const entry of matchLikeliest(old, fresh, group, pair)) ambiguous.add(entry);
  }

  const entries = after.map((raw, index): MatchedEntry => {
    const from = found.get(index);
    const known = from === undefined ? undefined : before[from];
    if (known) return { identity: known.identity, raw, kind: 'same' };
    return { identity: draw(), raw, kind: ambiguous.has(index) ? 'ambiguous' : 'new' };
  });
  const kept = new Set(found.values());
  return { entries, gone: before.filter((_, index) => !kept.has(index)).map((entry) => entry.identity) };
}

interface Described {
  readonly id: string | undefined;
  readonly subject: string;
  readonly whole: string;
  readonly cursor: string;
  /** Every field that is not the controller's, as `name=value`. */
  readonly fields: ReadonlySet<string>;
}

interface Open {
  readonly old: Set<number>;
  readonly fresh: Set<number>;
}

interface Group {
  readonly old: readonly number[];
  readonly fresh: readonly number[];
}

function describe(raw: RawEntry): Described {
  const own: readonly string[] = controllerFields;
  const fields = Object.keys(raw).filter((name) => !own.includes(name));
  return {
    id: typeof raw['id'] === 'string' ? raw['id'].trim() : undefined,
    subject: canonical([trimmed(raw['list_id']), trimmed(raw['service'])]),
    whole: canonical(raw),
    cursor: cursorOf(raw),
    fields: new Set(fields.map((name) => `${name}=${canonical(raw[name])}`)),
  };
}

function trimmed(value: unknown): unknown {
  return typeof value === 'string' ? value.trim() : (value ?? null);
}

/** The entries still open on both sides that share a value, in file order. */
function groups(
  old: readonly Described[],
  fresh: readonly Described[],
  open: Open,
  key: (entry: Described) => string | undefined,
): Group[] {
  const byKey = new Map<string, { old: number[]; fresh: number[] }>();
  const add = (side: 'old' | 'fresh', entries: readonly Described[]): void => {
    for (const index of open[side]) {
      const entry = entries[index];
      const value = entry && key(entry);
      if (value === undefined) continue;
      const group = byKey.get(value) ?? { old: [], fresh: [] };
      group[side].push(index);
      byKey.set(value, group);
    }
  };
  add('old', old);
  add('fresh', fresh);
  return [...byKey.values()].filter((group) => group.old.length > 0 && group.fresh.length > 0);
}

/** Entries equal in everything: those that did not move stay who they are, the others go by order. */
function pairInPlace(group: Group, pair: (from: number, to: number) => void): void {
  const still = new Set(group.old).intersection(new Set(group.fresh));
  for (const place of still) pair(place, place);
  const moved = (place: number): boolean => !still.has(place);
  pairInOrder({ old: group.old.filter(moved), fresh: group.fresh.filter(moved) }, pair);
}

function pairInOrder(group: Group, pair: (from: number, to: number) => void): void {
  for (const [place, to] of group.fresh.entries()) {
    const from = group.old[place];
    if (from !== undefined) pair(from, to);
  }
}

/** Pairs the most alike first and returns the entries of the new version that stay tied between different cursors. */
function matchLikeliest(
  old: readonly Described[],
  fresh: readonly Described[],
  group: Group,
  pair: (from: number, to: number) => void,
): number[] {
  const likeness = compareAll(old, fresh, group);
  const open = { old: new Set(group.old.keys()), fresh: new Set(group.fresh.keys()) };
  const tied: number[] = [];
  for (const rank of [...new Set(likeness)].toSorted((left, right) => right - left)) {
    const alike = (from: number, to: number): boolean => likeness[from * group.fresh.length + to] === rank;
    for (const cluster of clusters(open, alike)) {
      const oldOnes = cluster.old.flatMap((place) => group.old[place] ?? []);
      const freshOnes = cluster.fresh.flatMap((place) => group.fresh[place] ?? []);
      if (oneCursor(old, oldOnes) && oneCursor(fresh, freshOnes)) {
        pairInOrder({ old: oldOnes, fresh: freshOnes }, pair);
        // Whoever is left over by the order may still be like somebody else.
        const pairs = Math.min(cluster.old.length, cluster.fresh.length);
        for (const place of cluster.old.slice(0, pairs)) open.old.delete(place);
        for (const place of cluster.fresh.slice(0, pairs)) open.fresh.delete(place);
      } else {
        tied.push(...freshOnes);
        for (const place of cluster.old) open.old.delete(place);
        for (const place of cluster.fresh) open.fresh.delete(place);
      }
    }
  }
  return tied;
}

/** How alike every two are: equal fields, and half a point for an equal cursor, so that it only breaks ties. */
function compareAll(old: readonly Described[], fresh: readonly Described[], group: Group): Uint16Array {
  const likeness = new Uint16Array(group.old.length * group.fresh.length);
  let place = 0;
  for (const from of group.old) {
    const before = old[from];
    for (const to of group.fresh) {
      const after = fresh[to];
      if (before && after) likeness[place] = rankOf(before, after);
      place++;
    }
  }
  return likeness;
}

function rankOf(before: Described, after: Described): number {
  let equal = 0;
  for (const field of after.fields) if (before.fields.has(field)) equal++;
  return Math.min(equal, 30_000) * 2 + (before.cursor === after.cursor ? 1 : 0);
}

function oneCursor(entries: readonly Described[], indices: readonly number[]): boolean {
  return new Set(indices.map((index) => entries[index]?.cursor)).size === 1;
}

/** Sets of entries that are tied with each other, directly or by way of a third, in file order. */
function clusters(open: Open, alike: (from: number, to: number) => boolean): Group[] {
  const unseen = { old: new Set(open.old), fresh: new Set(open.fresh) };
  const result: Group[] = [];
  for (const start of open.old) {
    if (!unseen.old.delete(start)) continue;
    const cluster = { old: [start], fresh: new Array<number>() };
    // Each side's list grows while it is walked, until nobody new is found.
    let nextOld = 0;
    let nextFresh = 0;
    while (nextOld < cluster.old.length || nextFresh < cluster.fresh.length) {
      const from = cluster.old[nextOld];
      if (from !== undefined) {
        nextOld++;
        cluster.fresh.push(...take(unseen.fresh, (to) => alike(from, to)));
        continue;
      }
      const to = cluster.fresh[nextFresh++];
      if (to !== undefined) cluster.old.push(...take(unseen.old, (other) => alike(other, to)));
    }
    if (cluster.fresh.length === 0) continue;
    result.push({
      old: cluster.old.toSorted((left, right) => left - right),
      fresh: cluster.fresh.toSorted((left, right) => left - right),
    });
  }
  return result;
}

function take(from: Set<number>, wanted: (place: number) => boolean): number[] {
  const taken = [...from].filter((place) => wanted(place));
  for (const place of taken) from.delete(place);
  return taken;
}
