import type { Clock } from '../model/clock.ts';
import type { Views } from '../model/views.ts';

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
  /** Tells a person on standard error what they should know while they wait. */
  readonly warn: (message: string) => void;
  /** Asks a person for a yes; undefined where nobody can be asked. */
  readonly confirm: (question: string) => Promise<boolean | undefined>;
  /** Called for each INT, TERM and HUP with the signal's name. @returns the function that stops listening */
  readonly onSignal: (listener: (name: string) => void) => () => void;
  readonly openViews: (options: ViewOptions) => Promise<Views>;
}

export interface ViewOptions {
  readonly json: boolean;
  /** Lines also where a screen could be drawn. */
  readonly plain: boolean;
  /** Signs of ASCII only, on a screen. */
  readonly ascii: boolean;
  readonly logs: string;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
}

/** Does one command's work. @returns the exit code */
export type Command = (context: CliContext) => Promise<number>;
