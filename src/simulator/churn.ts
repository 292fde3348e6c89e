/** How often each kind of thing happens to a list, a second. */
export interface ChurnRates {
  readonly changesPerSecond: number;
  readonly departuresPerSecond: number;
  readonly joinsPerSecond: number;
}

/** What happens; `at` is the moment in epoch milliseconds. */
export type ChurnKind = 'change' | 'departure' | 'join';

/**
 * Lets everything happen that was due up to a moment, in the order of time. The n-th change happens n / rate seconds
 * after `start`, whoever looks and however often, so the outcome depends on the rates and the clock alone.
 */
export function createChurn(
  rates: ChurnRates,
  start: number,
  happen: (kind: ChurnKind, at: number) => void,
): (until: number) => void {
  const series = [
    { kind: 'change', rate: rates.changesPerSecond, done: 0 },
    { kind: 'departure', rate: rates.departuresPerSecond, done: 0 },
    { kind: 'join', rate: rates.joinsPerSecond, done: 0 },
  ] satisfies { kind: ChurnKind; rate: number; done: number }[];

  return (until) => {
    for (;;) {
      let next: (typeof series)[number] | undefined;
      let at = Infinity;
      for (const one of series) {
        const due = one.rate > 0 ? start + ((one.done + 1) * 1000) / one.rate : Infinity;
        if (due < at) [next, at] = [one, due];
      }
      if (!next || at > until) return;
      next.done++;
      happen(next.kind, at);
    }
  };
}
