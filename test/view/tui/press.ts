import { handleKey } from '../../../src/view/tui/keys/handle.ts';
import type { Controls } from '../../../src/view/tui/screens/contract.ts';

/** Presses keys, and lets what they set in motion come to an end. */
export async function pressKeys(controls: Controls, names: readonly string[]): Promise<void> {
  for (const name of names) {
    handleKey(name, controls);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** A terminal and an editor of which a test wants nothing. */
export const noTerminal = {
  clean: (text: string) => text,
  edit: () => Promise.resolve(),
  write: () => {},
  redraw: () => {},
  quitEarly: undefined,
};
