import { SluiceError } from '../../../model/errors.ts';
import { visible } from '../../../model/visible.ts';

/** Makes text from outside harmless. */
export type Clean = (text: string) => string;

/** Longer texts are of no use on a screen and would cost time with every frame. */
const longest = 2000;
const mostKnown = 20_000;
const longestKnown = 100;

/**
 * What turns any text into one that hides secrets, moves no cursor and takes as many cells as its signs say: variation
 * selectors and skin tones, which terminals measure differently, are left out.
 */
export function createClean(redact: (text: string) => string): Clean {
  const harmless = (text: string): string => {
    // Redacted before it is cut: half a secret would not be known as one.
    const hidden = redact(text);
    const short = hidden.length > longest ? `${hidden.slice(0, longest)}...` : hidden;
    return visible(short).replace(/\p{Variation_Selector}|\p{Emoji_Modifier}/gu, '');
  };
  // The same names and words come with every report of a thousand entries.
  const known = new Map<string, string>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const after = harmless(text);
    if (known.size >= mostKnown) known.clear();
    if (text.length <= longestKnown) known.set(text, after);
    return after;
  };
}

/** A copy of plain data with every text in it made harmless. Errors keep what is shown of them. */
export function cleaned<T extends object>(value: T, clean: Clean): T {
  const copy = { ...value };
  for (const [name, part] of Object.entries(copy)) Reflect.set(copy, name, cleanedPart(part, clean));
  return copy;
}

function cleanedPart(part: unknown, clean: Clean): unknown {
  if (typeof part === 'string') return clean(part);
  if (Array.isArray(part)) return part.map((item: unknown) => cleanedPart(item, clean));
  if (part instanceof SluiceError) {
    const { code, recovery, hint } = part;
    return new SluiceError(clean(part.message), {
      code,
      recovery,
      ...(hint === undefined ? {} : { hint: clean(hint) }),
    });
  }
  return typeof part === 'object' && part !== null ? cleaned(part, clean) : part;
}
