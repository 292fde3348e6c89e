/** One line of the table: the median of its samples, beside its target if it has one. */
export interface Figure {
  /** What is measured, in a few words. */
  readonly name: string;
  readonly unit: 'ratio' | 's' | 'MB' | '%' | 'a second';
  readonly samples: readonly number[];
  readonly target?: Target;
  /** What one has to know to read it. */
  readonly note?: string;
}

export type Target = { readonly atLeast: number } | { readonly atMost: number };

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}

/** Undefined where there is no target. */
export function reached({ samples, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  const value = median(samples);
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

/** A column of each sample: `pick(samples, 'seconds')` of rows that have seconds. */
export function pick<Key extends string>(rows: readonly Readonly<Record<Key, number>>[], key: Key): number[] {
  return rows.map((row) => row[key]);
}
