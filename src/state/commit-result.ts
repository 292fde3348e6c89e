/**
 * What to make of the file's text. The same text: nothing to change. Undefined: not readable just now, leave the file
 * alone. Called again, with other texts, whenever a person saved in between, so it must be pure.
 */
export type StateEdit = (text: string) => string | undefined;

export type CommitResult =
  /** On the disk for good. `tries` > 1 says that a person saved in between. */
  | { readonly kind: 'written'; readonly text: string; readonly tries: number }
  | { readonly kind: 'unchanged'; readonly text: string }
  /** The edit could not read it, or it is not UTF-8: an editor may be saving. Try again. */
  | { readonly kind: 'not-ready' }
  | { readonly kind: 'missing' };

/** What stood where a whole text is now. */
export type ReplaceResult =
  /** The same text. */
  | { readonly kind: 'unchanged' }
  /** A file; its bytes were kept. */
  | { readonly kind: 'file' }
  | { readonly kind: 'nothing' }
  /** No file, or a link that led to none: it is in `path` now. */
  | { readonly kind: 'aside'; readonly path: string };
