import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { type Change, changed } from './changes.ts';
import { render } from './document.ts';
import type { Expected, Saved } from './expected.ts';

/**
 * The ways editors save. `rename`: a new file is renamed over the old. `vim`: the old one is renamed first, so that for a
 * moment there is none. `in place`: truncate and write. `held`: the same through a file opened when the edit began.
 */
export const ways = ['rename', 'vim', 'in place', 'held'] as const;
export type Way = (typeof ways)[number];

interface Step {
  /** A rename: the one step of a save that S5 cannot see, when it comes between our last compare and our rename. */
  readonly isRename: boolean;
  run(): void;
}

/** A person at an editor: one save at a time, in small steps that anything may come between. */
export class Person {
  readonly #expected: Expected;
  /** Editors that resolve a symbolic link save at its end, the others put a file in its place. */
  readonly #follows: boolean;
  readonly #steps: Step[] = [];
  #open: number | undefined;

  constructor(expected: Expected, follows: boolean) {
    this.#expected = expected;
    this.#follows = follows;
  }

  get isSaving(): boolean {
    return this.#steps.length > 0;
  }

  /** Opens the file, changes it and begins to save; `cut`: how much of a half save is there, in hundredths. */
  begin(changes: readonly Change[], way: Way, cut: number): void {
    const { document, path } = this.#expected;
    if (this.isSaving || !document) return;
    const next = changed(document, changes);
    const whole = { text: render(next), document: next };
    const half = { text: cutOff(whole.text, cut), document: undefined };
    const empty = { text: '', document: undefined };
    const target = this.#follows ? realpathSync(path) : path;
    switch (way) {
      case 'rename':
        return this.#beginRename(target, whole);
      case 'vim':
        return this.#beginVim(target, [empty, half, whole]);
      case 'held':
        this.#open = openSync(path, 'r+');
        return this.#write([empty, half, whole], () => {});
      case 'in place':
        return this.#write([empty, half, whole], () => (this.#open ??= openSync(path, 'r+')));
      default:
        return way satisfies never;
    }
  }

  /** Goes on with the save. In the window of S5 it does not go over the step that is known to be lost there. */
  step(count: number): void {
    for (let done = 0; done < count; done++) {
      const next = this.#steps[0];
      if (!next || (next.isRename && this.#expected.inWindow)) return;
      this.#steps.shift();
      next.run();
    }
  }

  finish(): void {
    this.step(this.#steps.length);
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open);
    this.#open = undefined;
  }

  #beginRename(target: string, whole: Saved): void {
    const made = `${target}.swp`;
    this.#steps.push(
      { isRename: false, run: () => writeFileSync(made, whole.text) },
      {
        isRename: true,
        run: () => {
          renameSync(made, target);
          this.#tellByName(whole);
        },
      },
    );
  }

  #beginVim(target: string, contents: readonly Saved[]): void {
    this.#steps.push({
      isRename: true,
      run: () => {
        renameSync(target, `${target}~`);
        this.#expected.gone();
      },
    });
    this.#write(contents, () => (this.#open ??= openSync(target, 'a+')));
    this.#steps.push({ isRename: false, run: () => rmSync(`${target}~`, { force: true }) });
  }

  /** Writes through one open file, piece by piece. */
  #write(contents: readonly Saved[], open: () => void): void {
    for (const [place, content] of contents.entries()) {
      const isLast = place === contents.length - 1;
      const run = (): void => {
        open();
        this.#put(content);
        if (isLast) this.close();
      };
      this.#steps.push({ isRename: false, run });
    }
  }

  #put(content: Saved): void {
    if (this.#open === undefined) return;
    const inode = fstatSync(this.#open, { bigint: true }).ino;
    if (!this.#expected.isSeen(inode)) {
      // More than two seconds after our rename: the person opens the file again some other time.
      this.#steps.length = 0;
      return this.close();
    }
    ftruncateSync(this.#open, 0);
    if (content.text !== '') writeSync(this.#open, content.text, 0);
    this.#expected.saved(inode, content);
  }

  #tellByName(content: Saved): void {
    const opened = openSync(this.#expected.path, 'r');
    this.#expected.saved(fstatSync(opened, { bigint: true }).ino, content);
    closeSync(opened);
  }
}

/** A text without its closing bracket, at least. */
function cutOff(text: string, cut: number): string {
  const last = text.lastIndexOf(']');
  return text.slice(0, Math.floor((last * cut) / 100));
}
