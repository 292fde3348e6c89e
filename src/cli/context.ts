import type { Clock } from '../model/clock.ts';
import type { SluiceEvent } from '../model/events.ts';
import type { Operator } from '../model/operator.ts';

/** What a command gets of the outside world; `main.ts` makes it from the process. */
export interface CliContext {
  /** The arguments after the command's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's folder. */
  readonly root: string;
  /** The folder with the files that an empty state folder is seeded from (S23). */
  readonly copies: string;
  readonly version: string;
  readonly pid: number;
  readonly user: number;
  readonly temporary: string;
  readonly clock: Clock;
  readonly print: (text: string) => void;
  /** Called for each INT, TERM and HUP with the signal's name. @returns the function that stops listening */
  readonly onSignal: (listener: (name: string) => void) => () => void;
  readonly openViews: (options: ViewOptions) => Views;
}

export interface ViewOptions {
  readonly json: boolean;
  /** Lines also where a screen could be drawn. */
  readonly plain: boolean;
  readonly logs: string;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
}

/** Where the events of a command go. */
export interface Views {
  show(event: SluiceEvent): void;
  /** Hands a screen what it can do and ask, as soon as there is a controller. */
  attach(operator: Operator): void;
  /** Gives the terminal back and prints the last lines, after everything else is closed. */
  close(): Promise<void>;
}

/** Does one command's work. @returns the exit code */
export type Command = (context: CliContext) => Promise<number>;
