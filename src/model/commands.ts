/**
 * What a person can ask about entries and their file, by a key or by a command. `id` is the one that `status` prints.
 * Whatever has to last is written into `state.json`, the same safe way as a result (S1, S5).
 */
export type PersonCommand =
  /** Run now, whatever the clock says; during a run, once more after it. */
  | { readonly type: 'run'; readonly id: string }
  /** Read everything again: the cursor goes back to the beginning. */
  | { readonly type: 'reset'; readonly id: string }
  | { readonly type: 'pause'; readonly ids: readonly string[] | 'all' }
  | { readonly type: 'resume'; readonly ids: readonly string[] | 'all' }
  /** Write fields of the entry (S1); live from the next page on, or by a new run where they shape the window (S4). */
  | { readonly type: 'set'; readonly id: string; readonly fields: Readonly<Record<string, unknown>> }
  /** End the run at once, drop its progress and pause the entry. */
  | { readonly type: 'cancel'; readonly id: string }
  /** Put the file back as it was before the write of that number. */
  | { readonly type: 'undo'; readonly generation: number };

/** Why something was not done. */
export interface Refusal {
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | null;
  /** The command itself cannot be: no such entry, a value of the wrong form. Otherwise it may work later. */
  readonly mistaken: boolean;
}

/** Every command is answered. */
export type CommandAnswer =
  /** `message`: what was done. */
  { readonly done: true; readonly message: string } | ({ readonly done: false } & Refusal);

/** What follows for one entry. */
export interface Cost {
  readonly label: string;
  /** `reads about 41,200 records again` */
  readonly text: string;
}

/** What a command would do. */
export interface CommandPreview {
  /** Null when it can be done. */
  readonly refusal: Refusal | null;
  /** Differences in the file, one a line: `list "1a2d": latest_timestamp 2026-11-21T08:00:00Z -> null`. */
  readonly changes: readonly string[];
  /** Empty when nothing is read again, left out or cancelled. */
  readonly costs: readonly Cost[];
}

/** A write of the controller's, and so the version of the file that it replaced, which `undo` brings back. */
export interface GenerationReport {
  readonly number: number;
  /** When it was written, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly time: string;
  /** `run`, or the command that wrote. */
  readonly by: string;
  readonly run: string | null;
  /** What changed from then until the next write, a person's own edits included. */
  readonly changes: readonly string[];
}

/** Who takes a person's commands: a running controller, or a command that has the folder to itself. */
export interface PersonCommands {
  /** Does it and says what was done, or why not. Never rejects. */
  command(command: PersonCommand): Promise<CommandAnswer>;
  /** What it would change and cost, asked of the source where that takes some seconds; changes nothing. Never rejects. */
  preview(command: PersonCommand): Promise<CommandPreview>;
  /** The newest writes, newest first, at most `most`. Rejects with a StateError when they cannot be read. */
  generations(most: number): Promise<readonly GenerationReport[]>;
}
