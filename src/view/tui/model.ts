import type { QueueStatus } from '../../model/queues.ts';
import type { RunRecord } from '../../model/operator.ts';
import type { EntryReport } from '../../model/status.ts';
import type { PersonCommand } from '../../model/commands.ts';
import type { LetterCommand } from '../../model/letters.ts';
import type { Facts } from './state/facts.ts';
import type { LettersView, LetterView } from './state/letters.ts';
import type { RunView } from './state/live-run.ts';
import type { LogLine } from './state/log-ring.ts';
import type { Glyphs } from './text/glyphs.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** An entry as the screen knows it: the last report, and its run while one is on. */
export interface EntryRow {
  readonly report: EntryReport;
  readonly run: RunView | undefined;
  /** Its dead letters. */
  readonly dead: number;
  /** The row of an entry that stands for several services: these. Its report is their sum. */
  readonly members?: readonly EntryRow[];
}

/** A queue with what happens in it a second; undefined until two looks at it can be compared. */
export interface QueueRow extends QueueStatus {
  readonly inRate: number | undefined;
  readonly outRate: number | undefined;
}

/** All that is known, at one moment. Every text in it is harmless (state/clean.ts). */
export interface ScreenData {
  readonly facts: Facts;
  /** In the file's order. */
  readonly entries: readonly EntryRow[];
  readonly log: readonly LogLine[];
  /** Undefined until asked for, and while the store cannot be reached. */
  readonly queues: readonly QueueRow[] | undefined;
  /** Newest first. */
  readonly history: readonly RunRecord[];
  readonly letters: LettersView;
  /** The dead letter that is looked at, if it is still there. */
  readonly letter: LetterView | undefined;
  /** The controller takes orders. */
  readonly ready: boolean;
}

/** Where a person is: a screen, and the entry or the dead letter it is about where it is about one. */
export interface Place {
  readonly screen: string;
  readonly entry?: string;
  readonly letter?: number;
}

/** What a person chose in one list. */
export interface ListChoice {
  /** The row's id; it is followed when the order changes. */
  readonly row: string | undefined;
  /** Where it was last, for when it is gone. */
  readonly at: number;
  /** The first row in view. */
  readonly top: number;
  readonly filter: string;
  /** Which of the screen's orders; 0 is the natural one. */
  readonly order: number;
  readonly reversed: boolean;
}

/** What the keys are for just now. */
export type Mode =
  | { readonly type: 'browse' }
  | { readonly type: 'filter'; readonly before: string }
  | { readonly type: 'palette'; readonly text: string; readonly at: number }
  | {
      readonly type: 'ask';
      readonly question: string;
      /** What it would cost; undefined while that is being asked. */
      readonly cost: string | undefined;
      readonly command: PersonCommand | LetterCommand;
    };

export interface Toast {
  readonly text: string;
  readonly tone: 'ok' | 'warn' | 'plain';
  /** Epoch milliseconds. */
  readonly until: number;
}

/** All that a person did to the view. */
export interface Ui {
  /** The way here, the current place last. */
  readonly trail: readonly [Place, ...Place[]];
  readonly lists: Readonly<Record<string, ListChoice>>;
  readonly mode: Mode;
  readonly toast: Toast | undefined;
  /** Whether all services of a group have a row, by the group's entry; where nothing is said, the room decides. */
  readonly folds: Readonly<Record<string, boolean>>;
  /** The worker_count last asked for, by entry of the file, until the report has caught up with it. */
  readonly wanted: Readonly<Record<string, { readonly before: number; readonly count: number }>>;
  /** Of the log. */
  readonly wrap: boolean;
  readonly full: boolean;
}

/** What a frame is made of, and nothing else: same model, same frame. */
export interface Model {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly size: Size;
  readonly glyphs: Glyphs;
  readonly data: ScreenData;
  readonly ui: Ui;
}
