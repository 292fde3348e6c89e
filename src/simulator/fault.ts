/** What a fault does to the answer of one request. */
export type FaultEffect =
  /** Answers with this status at once. */
  | {
      readonly type: 'status';
      readonly status: number;
      readonly empty: boolean;
      readonly retryAfter: RetryAfter | undefined;
    }
  /** Half the body; `framed` says that its Content-Length is that of the half, else the connection breaks. */
  | { readonly type: 'truncate'; readonly framed: boolean }
  /** Half the body, then silence until the client leaves. */
  | { readonly type: 'stall' }
  /** The connection is reset before anything is answered. */
  | { readonly type: 'reset' }
  /** Never answers. */
  | { readonly type: 'hang' }
  /** The right answer, later. */
  | { readonly type: 'slow'; readonly ms: number }
  /** 200 with the HTML of something that stands between. */
  | { readonly type: 'html' };

export interface RetryAfter {
  readonly seconds: number;
  readonly form: 'seconds' | 'date';
}

/** The kinds of request a fault at Mailchimp can be limited to. */
export const requestKinds = ['ping', 'lists', 'list', 'members', 'other'] as const;
export type RequestKind = (typeof requestKinds)[number];

/** What can go wrong with the answers of a simulator; `Kind` are its kinds of request. */
export interface Fault<Kind extends string = RequestKind> {
  /** As it was written. */
  readonly name: string;
  readonly effect: FaultEffect;
  /** 0..1. */
  readonly probability: number;
  /** How often at most. */
  readonly times: number;
  /** How many requests that it could have struck pass first. */
  readonly skip: number;
  /** The only kind of request it strikes; undefined for all. */
  readonly on: Kind | undefined;
}

/** Decides for each request whether a fault strikes, and which: the first of the list that does. */
export function createFaults<Kind extends string>(
  faults: readonly Fault<Kind>[],
  random: () => number,
): (kind: Kind) => Fault<Kind> | undefined {
  const states = faults.map((fault) => ({ fault, passed: 0, struck: 0 }));
  return (kind) => {
    for (const state of states) {
      const { fault } = state;
      if (fault.on !== undefined && fault.on !== kind) continue;
      if (state.struck >= fault.times || state.passed++ < fault.skip) continue;
      if (random() >= fault.probability) continue;
      state.struck++;
      return fault;
    }
    return undefined;
  };
}
