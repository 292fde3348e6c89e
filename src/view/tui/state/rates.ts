/** How much happened in each of the last seconds. */
export interface Rates {
  /** @param at epoch milliseconds; going back counts into the newest second */
  add(at: number, amount: number): void;
  /**
   * What happens a second, the last ten or so counting most; undefined until there are three seconds of data, as
   * anything less would be a guess. Never negative.
   */
  perSecond(now: number): number | undefined;
  /** The last whole seconds, oldest first, at most as many as asked for. */
  seconds(now: number, most: number): readonly number[];
}

const kept = 120;
const leastSeconds = 3;
const memorySeconds = 10;

export function createRates(): Rates {
  const amounts = Array.from({ length: kept }, () => 0);
  let first: number | undefined;
  let newest = 0;

  /** Empties the seconds that nothing was added to; afterwards `newest` is `second` or later. */
  const advance = (second: number): void => {
    for (let empty = Math.max(newest + 1, second - kept + 1); empty <= second; empty += 1)
      amounts[empty % kept] = 0;
    newest = Math.max(newest, second);
  };
  const whole = (now: number, most: number): number[] => {
    if (first === undefined) return [];
    advance(Math.floor(now / 1000));
    const last = newest - 1;
    const from = Math.max(first, last - Math.min(most, kept - 1) + 1);
    return Array.from({ length: Math.max(0, last - from + 1) }, (_, at) => amounts[(from + at) % kept] ?? 0);
  };

  return {
    add(at, amount) {
      const second = Math.floor(at / 1000);
      if (first === undefined) {
        first = second;
        newest = second;
      }
      advance(second);
      amounts[newest % kept] = (amounts[newest % kept] ?? 0) + amount;
    },
    perSecond(now) {
      const values = whole(now, 3 * memorySeconds);
      if (values.length < leastSeconds) return undefined;
      let sum = 0;
      let weights = 0;
      for (const [at, value] of values.entries()) {
        const weight = Math.exp((at - values.length) / memorySeconds);
        sum += weight * value;
        weights += weight;
      }
      return sum / weights;
    },
    seconds: whole,
  };
}
