import type { CommandAnswer } from './commands.ts';
import type { Grade } from './record.ts';

/** A dead letter as lists show it. Times are epoch milliseconds. */
export interface LetterRecord {
  readonly id: number;
  readonly service: string;
  /** What people call its entry: `list "1a2d"`. */
  readonly label: string;
  /** Null when the source left it out. */
  readonly key: string | null;
  readonly reason: string;
  readonly attempts: number;
  readonly first: number;
  readonly last: number;
  /** It was published again, and what becomes of it is not known yet. */
  readonly isRetrying: boolean;
  /** The record was published again since, in a version that is not older. */
  readonly isOvertaken: boolean;
}

/** All there is to know of a dead letter. */
export interface LetterDetail extends LetterRecord {
  /** The run in which it died the last time. */
  readonly run: string;
  /** The chunk in which it stood alone; its page and the chunks it was split from can be read from it (S12). */
  readonly chunk: string | null;
  /** Where it was bound for. */
  readonly queue: string | null;
  readonly job: string | null;
  readonly grade: Grade | null;
  /** Where the consumer failed, if it told. */
  readonly stack: string | null;
  /** How often a person published it again. */
  readonly retries: number;
  /** Why it cannot be published again; null when it can. */
  readonly refusal: string | null;
  readonly payload: unknown;
}

/** Which dead letters are meant: what is given must be so. */
export interface LetterFilter {
  /** A service, or a group of them. */
  readonly service?: string | undefined;
  /** An id, a list's id, a service, a group, or the label as it is shown. */
  readonly entry?: string | undefined;
  /** Occurs in the reason; capitals make no difference. */
  readonly reason?: string | undefined;
  /** Died the last time at or after this, epoch milliseconds. */
  readonly since?: number | undefined;
}

/** What a retry of some dead letters would do. */
export interface LetterPlan {
  /** Those that can be published again. */
  readonly ids: readonly number[];
  readonly refused: readonly { readonly id: number; readonly reason: string }[];
  /** How many of `ids` are older than what was published of their records since, where that matters to consumers. */
  readonly overtaken: number;
}

/** What a person can do with dead letters; ids that are not there any more are left out. */
export type LetterCommand =
  /** Publish them again, each as a chunk of its own, and follow what becomes of it. */
  | { readonly type: 'retry'; readonly letters: readonly number[] }
  /** Forget them. */
  | { readonly type: 'drop'; readonly letters: readonly number[] };

/** The dead letters of a state folder, in a person's hands. Every method may throw a StateError of the store. */
export interface LetterBook {
  /** Newest first, at most `most`. */
  list(filter: LetterFilter, most?: number): readonly LetterRecord[];
  /** How many there are, by the key of their entry. */
  counts(): ReadonlyMap<string, number>;
  show(id: number): LetterDetail | undefined;
  plan(ids: readonly number[]): LetterPlan;
  command(command: LetterCommand): CommandAnswer;
}
