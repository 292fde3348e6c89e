import type { SluiceEvent } from './events.ts';
import type { Operator } from './operator.ts';

/** Where the events of a command go. */
export interface Views {
  /** Never throws and never waits (invariant 7). */
  show(event: SluiceEvent): void;
  /** Hands a screen what it can do and ask, as soon as there is a controller. */
  attach(operator: Operator): void;
  /** Whether the terminal belongs to an editor just now, whose ctrl-C is not ours. */
  isLent(): boolean;
  /** Gives the terminal back and prints the last lines, after everything else is closed. */
  close(): Promise<void>;
}
