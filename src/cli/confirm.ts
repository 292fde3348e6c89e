import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Asks a person on a terminal; anything but y or yes is no. Undefined when there is none: nobody would answer. */
export async function confirmOn(
  input: Readable & { readonly isTTY?: boolean },
  output: Writable & { readonly isTTY?: boolean },
  question: string,
): Promise<boolean | undefined> {
  if (input.isTTY !== true || output.isTTY !== true) return undefined;
  output.write(`${question} [y/N] `);
  // Not readline's own editing: ctrl-C must end the process, as it does everywhere.
  const lines = createInterface({ input, terminal: false });
  try {
    for await (const line of lines) return /^\s*y(es)?\s*$/i.test(line);
    output.write('\n');
    return false;
  } finally {
    lines.close();
    input.pause();
  }
}
