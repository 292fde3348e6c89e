import { z } from 'zod';
import { canonical } from '../canonical.ts';
import { type JsonValue, mergeWriteBack } from '../merge.ts';
import { parseState, type RawEntry } from '../parse.ts';

const fieldsSchema: z.ZodType<Readonly<Record<string, JsonValue>>> = z.record(z.string(), z.json());

/**
 * A later version of the file from an earlier text and what its entries were then: byte for byte what was lost, where
 * only values were set since. Undefined where entries or fields came or went otherwise: nothing is made up. Pure.
 */
export function rebuild(earlier: string, entries: readonly RawEntry[]): string | undefined {
  const before = parseState(earlier, { file: 'state.json' });
  if (!before.ok || before.entries.length !== entries.length) return undefined;
  const edits = before.entries.flatMap(({ raw }, index) => {
    const changed = Object.entries(entries[index] ?? {}).filter(
      ([field, value]) => !(field in raw) || canonical(raw[field]) !== canonical(value),
    );
    const fields = fieldsSchema.safeParse(Object.fromEntries(changed)).data ?? {};
    return changed.length === 0 ? [] : [{ index, fields }];
  });
  const text = written(earlier, edits);
  const after = text === undefined ? undefined : parseState(text, { file: 'state.json' });
  const isSame = after?.ok === true && canonical(after.entries.map(({ raw }) => raw)) === canonical(entries);
  return isSame ? text : undefined;
}

function written(text: string, edits: Parameters<typeof mergeWriteBack>[1]): string | undefined {
  try {
    return mergeWriteBack(text, edits);
  } catch {
    return undefined;
  }
}
