/**
 * What a person can ask of a running controller about one entry, by a key or by a command. `id` is the one that
 * `status` prints. Whatever has to last is written into `state.json`, the same safe way as a result (S1, S5).
 */
export type PersonCommand =
  /** Run now, whatever the clock says; during a run, once more after it. */
  | { readonly type: 'run'; readonly id: string }
  /** Read everything again: `latest_timestamp` becomes null. */
  | { readonly type: 'reload'; readonly id: string }
  | { readonly type: 'pause'; readonly id: string }
  | { readonly type: 'resume'; readonly id: string }
  /** Live, from the next page on. */
  | { readonly type: 'workers'; readonly id: string; readonly count: number }
  /** End the run at once, drop its progress and pause the entry. */
  | { readonly type: 'cancel'; readonly id: string };

/** Every command is answered. */
export interface CommandAnswer {
  readonly done: boolean;
  /** What was done, or why not. */
  readonly message: string;
}
