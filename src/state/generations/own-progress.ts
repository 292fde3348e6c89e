import { getNodeValue } from 'jsonc-parser';
import { z } from 'zod';
import { controllerFields } from '../../model/entry.ts';
import { parseTimestamp } from '../../model/time.ts';
import { canonical } from '../canonical.ts';
import { readJsonc } from '../jsonc.ts';
import { type EntryEdit, mergeWriteBack } from '../merge.ts';
import { normalTimestamp } from '../schema.ts';

/**
 * Whether all that became of a version of the file is what runs write of their own accord (S1), each cursor going
 * forward: then nobody misses the older one. To the last byte: a comment is a person's. One entry at most may hold a new
 * result, for every end of a run keeps a version. A person who moves one cursor on by hand is taken for a run. Pure.
 */
export function isOwnProgress(older: string, newer: string): boolean {
  const before = readOwn(older);
  const after = readOwn(newer);
  if (!before || before.length !== after?.length) return false;
  const edits: EntryEdit[] = [];
  for (const [index, now] of after.entries()) {
    const then = before[index] ?? {};
    const changed = controllerFields.filter((field) => canonical(then[field]) !== canonical(now[field]));
    if (changed.length === 0) continue;
    if (!changed.every((field) => isForward(field, then, now))) return false;
    edits.push({ index, fields: Object.fromEntries(changed.map((field) => [field, now[field] ?? null])) });
  }
  const results = edits.filter(({ fields }) => resultFields.some((field) => field in fields));
  return results.length <= 1 && writtenInto(older, edits) === newer;
}

/** In the order in which a run writes them. */
const ownSchema = z.object({
  latest_timestamp: z.string().nullish(),
  latest_ordinal: z.union([z.number(), z.record(z.string(), z.number().nullable())]).nullish(),
  elapsed_seconds: z.number().nullish(),
  total_updates: z.number().nullish(),
} satisfies Record<(typeof controllerFields)[number], z.ZodType>);
const fileSchema = z.array(ownSchema);

type Own = z.infer<typeof ownSchema>;

/** What is written at the end of a run only. */
const resultFields = ['latest_timestamp', 'elapsed_seconds', 'total_updates'] as const;

/** The controller's values of each entry; undefined for what is no list of entries, or holds other values there. */
function readOwn(text: string): readonly Own[] | undefined {
  const tree = readJsonc(text, 'state.json');
  return tree.ok ? fileSchema.safeParse(getNodeValue(tree.root)).data : undefined;
}

function isForward(field: keyof Own, then: Own, now: Own): boolean {
  switch (field) {
    case 'latest_timestamp':
      return secondsOf(now.latest_timestamp) > secondsOf(then.latest_timestamp);
    case 'latest_ordinal':
      return isOrdinalForward(then.latest_ordinal, now.latest_ordinal);
    case 'elapsed_seconds':
    case 'total_updates':
      return typeof now[field] === 'number';
    default:
      return field satisfies never;
  }
}

/** Nothing is before every time; what is no time is before none. */
function secondsOf(time: string | null | undefined): number {
  const normal = normalTimestamp(time ?? null);
  return normal === null ? Number.NEGATIVE_INFINITY : (parseTimestamp(normal) ?? Number.NaN);
}

function isOrdinalForward(then: Own['latest_ordinal'], now: Own['latest_ordinal']): boolean {
  if (typeof now === 'number') return typeof then !== 'object' || then === null ? now > (then ?? -1) : false;
  if (now === null || now === undefined || typeof then === 'number') return false;
  const before = then ?? {};
  const services = Object.keys({ ...before, ...now });
  return services.every((service) => (now[service] ?? -1) >= (before[service] ?? -1));
}

function writtenInto(text: string, edits: readonly EntryEdit[]): string | undefined {
  try {
    return mergeWriteBack(text, edits);
  } catch {
    return undefined;
  }
}
