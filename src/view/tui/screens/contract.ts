import type { PersonCommand } from '../../../model/commands.ts';
import type { LetterCommand } from '../../../model/letters.ts';
import type { EntryRow, Model, Toast, Ui } from '../model.ts';
import type { Line } from '../text/line.ts';

/** What a key can set in motion. Each answers with a line on the screen. */
export interface Controls {
  readonly model: () => Model;
  /** The screen that is shown. */
  readonly screen: () => ScreenPart;
  /** How many lines the body has now. */
  readonly bodyHeight: () => number;
  /** The commands that the palette offers now. */
  readonly commands: () => readonly Binding[];
  readonly change: (next: (ui: Ui) => Ui) => void;
  readonly answer: (text: string, tone?: Toast['tone']) => void;
  /** Does it and shows the controller's answer. */
  readonly send: (command: PersonCommand | LetterCommand) => void;
  /** Asks before it does it; `cost` is shown as soon as it is known. */
  readonly ask: (question: string, command: PersonCommand | LetterCommand, cost?: Promise<string>) => void;
  /** Publishes dead letters again; asks first where they are several, or newer data may be set back. */
  readonly retry: (letters: readonly number[]) => void;
  /** What a command costs, in words. @param label whom the question names: what is said of it needs no name */
  readonly preview: (command: PersonCommand, label?: string) => Promise<string>;
  /** Asks whether to take back the newest write into the state file. */
  readonly undo: () => void;
  /** The id that commands take; the report's own may have been made harmless. */
  readonly idOf: (row: EntryRow) => string;
  readonly quit: (by: string) => void;
  readonly edit: () => void;
  /** Draws the whole screen anew. */
  readonly redraw: () => void;
  readonly copy: (text: string) => void;
}

/** One key and what it does: the only place where a key is named. Handler, footer and help all read it. */
export interface Binding {
  /** As keys/key-name.ts spells them. */
  readonly keys: readonly string[];
  /** For the help, after the key: `run now`. */
  readonly help: string;
  /** The word in the footer; none, or an empty one, when it is not shown there. */
  readonly short?: string | ((model: Model) => string);
  /** The greatest leaves the footer first when it is too narrow. */
  readonly drop?: number;
  /** Only moves about: not one of the commands that `:` lists. */
  readonly isMove?: boolean;
  readonly act: (controls: Controls) => void;
}

/** A screen: what is in its body, what can be chosen there and what its own keys do. */
export interface ScreenPart {
  readonly id: string;
  readonly title: string;
  /** The same in the footer, where it must be shorter. */
  readonly tab?: string;
  /** The digit that leads to it, for those that are reached that way. */
  readonly digit?: string;
  readonly keys: readonly Binding[];
  /** The ids of the rows that can be chosen, in order. */
  readonly rows: (model: Model, help: readonly HelpGroup[]) => readonly string[];
  /** Names of the orders that `s` goes through; the first is the natural one. */
  readonly orders?: readonly string[];
  readonly canFilter?: boolean;
  /** How many rows of the list are in view in a body of `height` lines. */
  readonly view: (model: Model, height: number) => number;
  /** What `y` copies. */
  readonly copy: (model: Model) => string | undefined;
  /** At most `height` lines of at most `width` cells. */
  readonly body: (model: Model, width: number, height: number, help: readonly HelpGroup[]) => readonly Line[];
}

/** The keys of some screens, for the help. */
export interface HelpGroup {
  readonly title: string;
  readonly keys: readonly Binding[];
}
