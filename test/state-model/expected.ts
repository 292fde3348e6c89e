import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Write } from '../../src/state/write-back.ts';
import { render, type StateDocument } from './document.ts';
import { allowedFor, type InForce } from './rules.ts';

/** What a person saved: whole, when it reads as a document; a half is only its text. */
export interface Saved {
  readonly text: string;
  readonly document: StateDocument | undefined;
}

/** A write of the controller's, and the version of the file that was in force when it was made. */
export interface Made {
  readonly write: Write;
  readonly inForce: readonly InForce[];
}

/** A file that a rename of ours displaced while somebody may still have it open. */
interface Displaced {
  readonly inode: bigint;
  readonly before: string;
  /** What was written since; `merge` where two files became one, which cannot be done again. */
  readonly writes: (Made | 'merge')[];
  saved: Saved | undefined;
  merged: boolean;
  /** We have written on top of another save since: two saves that nobody can merge. */
  overtaken: boolean;
  looks: number;
}

/** How often a save that cannot be merged, as it is half there, is looked at before it is put aside. */
const mostLooks = 5;

/**
 * The model: what `state.json` must hold at every moment, to the byte, and where each save of a person is.
 * It learns of saves from the person and of our renames from the fail points; everything else it reads from the disk.
 */
export class Expected {
  readonly path: string;
  /** What the name leads to now; undefined text while there is no file. */
  document: StateDocument | undefined;
  text: string | undefined;
  displaced: Displaced[] = [];
  /** How often we have replaced the file. */
  renames = 0;
  /** Between the last compare and our rename: what is saved in place now is about to be displaced. */
  inWindow: { readonly inode: bigint; saved: Saved | undefined } | undefined;
  /** What our last rename put in place. */
  #ours: string | undefined;
  readonly #history = new Set<string>();
  #asides = new Set<bigint>();

  constructor(path: string, first: StateDocument) {
    this.path = path;
    this.document = first;
    this.text = render(first);
  }

  /** A person saved into the file that has this inode. */
  saved(inode: bigint, save: Saved): void {
    this.#history.add(save.text);
    if (this.inWindow?.inode === inode) this.inWindow.saved = save;
    else if (this.#inodeNow() === inode) this.#takesPlace(save);
    else {
      const old = this.displaced.find((other) => other.inode === inode);
      if (old) old.saved = save;
    }
  }

  /** A person removed or renamed the file. */
  gone(): void {
    this.#takesPlace(undefined);
  }

  /** Whether a save through a file that is open would still be seen by anybody. */
  isSeen(inode: bigint): boolean {
    return (
      this.#inodeNow() === inode ||
      this.displaced.some((other) => other.inode === inode) ||
      this.#asides.has(inode)
    );
  }

  compared(): void {
    this.check('before a rename');
    this.inWindow = { inode: this.#inodeNow() ?? 0n, saved: undefined };
  }

  /** Our rename happened: what is in place must be what `made`, or a look at a displaced file, makes of what was there. */
  renamed(made: Made | undefined): void {
    const { inode = 0n, saved } = this.inWindow ?? {};
    this.inWindow = undefined;
    this.renames++;
    const actual = this.#read();
    const before = this.text;
    const is = (document: StateDocument): boolean => render(document) === actual;
    const ours = made && this.document ? outcomes([this.document], made).find(is) : undefined;
    const source = ours
      ? undefined
      : this.displaced.find((old) => this.#isMergeable(old) && redone(old).some(is));
    const next = ours ?? (source && redone(source).find(is));
    if (!next || before === undefined) {
      throw new Error(`a rename put in place what nobody wrote:\n${actual}\ninstead of\n${before}`);
    }
    if (source) source.merged = true;
    for (const old of this.displaced) old.overtaken ||= before !== this.#ours;
    for (const old of this.displaced) old.writes.push(ours && made ? made : 'merge');
    const writes = [ours && made ? made : ('merge' as const)];
    this.displaced.push({ inode, before, writes, saved, merged: false, overtaken: false, looks: 0 });
    this.document = next;
    this.text = actual;
    this.#ours = actual;
  }

  /** The process died, or the folder went: what was about to be displaced is not. */
  interrupted(): void {
    const { saved } = this.inWindow ?? {};
    this.inWindow = undefined;
    if (saved) this.#takesPlace(saved);
  }

  /** Every displaced file that is due was looked at: each save into one is in the file now, or aside. */
  looked(due: readonly Displaced[], hurried: boolean): void {
    this.check('after a look');
    const asides = this.#readAsides();
    const outstanding = due.filter((old) => old.saved !== undefined && old.saved.text !== old.before);
    for (const old of due) {
      old.looks++;
      const { saved } = old;
      const isNothing = saved === undefined || saved.text === old.before;
      const isInPlace =
        old.merged ||
        saved?.text === this.text ||
        redone(old).some((document) => render(document) === this.text);
      const isAside = saved !== undefined && asides.has(saved.text);
      const mustMerge = outstanding.length === 1 && this.#isMergeable(old) && redone(old).length > 0;
      const mayWait = redone(old).length === 0 && !hurried && old.looks < mostLooks;
      if (!isNothing && !isInPlace && !isAside && mayWait) continue;
      if (!isNothing && !isInPlace && (mustMerge || !isAside)) throw lost(saved, this.text, isAside);
      this.displaced = this.displaced.filter((other) => other !== old);
    }
  }

  /** A new process has cleared what the killed one left. */
  cleared(): void {
    const outstanding = this.displaced.filter(
      (old) => old.saved !== undefined && old.saved.text !== old.before,
    );
    const actual = this.#read();
    const asides = this.#readAsides();
    const restored = outstanding.find((old) => old.saved?.text === actual && old.saved?.document);
    const [only, ...others] = outstanding;
    const mustRestore =
      only?.saved?.document !== undefined &&
      others.length === 0 &&
      only.looks === 0 &&
      this.#isMergeable(only);
    if (mustRestore && !restored) throw lost(only?.saved, actual, false);
    if (restored?.saved && this.#isMergeable(restored)) this.#takesPlace(restored.saved);
    this.check('after a start');
    for (const { saved } of outstanding) {
      const isThere = saved !== undefined && (saved.text === actual || asides.has(saved.text));
      if (!isThere) throw lost(saved, actual, false);
    }
    this.displaced = [];
  }

  /** `state.json` is what it must be, to the byte. */
  check(when: string): void {
    const actual = this.#read();
    if (actual === this.text) return;
    throw new Error(`${when} the file is\n${actual}\nand must be\n${this.text}`);
  }

  /** Files beside `state.json` that are nobody's. */
  strangers(): string[] {
    const names = [dirname(this.path), join(dirname(this.path), 'elsewhere')].flatMap(list);
    return names.filter((name) => name.endsWith('.tmp'));
  }

  #takesPlace(save: Saved | undefined): void {
    this.document = save?.document;
    this.text = save?.text;
  }

  /** Nobody but us has changed the file since, as far as one can see. */
  #isMergeable(old: Displaced): boolean {
    return !old.overtaken && this.text === this.#ours;
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8');
    } catch {
      return undefined;
    }
  }

  #inodeNow(): bigint | undefined {
    return statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino;
  }

  /** The texts that were put aside; each must be one that a person saved. */
  #readAsides(): Set<string> {
    const texts = new Set<string>();
    for (const folder of [dirname(this.path), join(dirname(this.path), 'elsewhere')]) {
      for (const name of list(folder).filter((other) => other.includes('.aside-'))) {
        const file = join(folder, name);
        const text = readFileSync(file, 'utf8');
        if (!this.#history.has(text)) throw new Error(`${name} holds what nobody saved:\n${text}`);
        texts.add(text);
        this.#asides.add(lstatSync(file, { bigint: true }).ino);
      }
    }
    return texts;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(realpathSync(folder));
  } catch {
    return [];
  }
}

/** A save into a displaced file with everything done again that was written since; none when that cannot be done. */
function redone(old: Displaced): StateDocument[] {
  const first = old.saved?.document;
  let documents = first && old.saved?.text !== old.before ? [first] : [];
  for (const made of old.writes) documents = made === 'merge' ? [] : outcomes(documents, made);
  return documents;
}

function outcomes(documents: readonly StateDocument[], { write, inForce }: Made): StateDocument[] {
  return documents.flatMap((document) =>
    allowedFor(inForce, document, write).map((allowed) => allowed.document),
  );
}

function lost(saved: Saved | undefined, actual: string | undefined, isAside: boolean): Error {
  const what = isAside ? 'was put aside and could have been merged' : 'is lost';
  return new Error(`a save ${what}:\n${saved?.text}\nThe file is\n${actual}`);
}
