import type { Glyphs } from './glyphs.ts';

/** A bar of `width` cells. @param fraction 0 to 1; anything else is drawn as the nearer end */
export function bar(fraction: number, width: number, { barFull, barEmpty }: Glyphs): string {
  const full = Number.isFinite(fraction) ? Math.floor(Math.min(1, Math.max(0, fraction)) * width) : 0;
  return barFull.repeat(full) + barEmpty.repeat(Math.max(0, width - full));
}

/** The last `width` values, one cell each, the greatest as high as it goes. */
export function sparkline(values: readonly number[], width: number, { spark }: Glyphs): string {
  const last = values.slice(-width);
  const most = Math.max(...last, 0);
  if (most <= 0) return '';
  const top = spark.length - 1;
  return last
    .map((value) => spark[value <= 0 ? 0 : Math.max(1, Math.round((value / most) * top))] ?? '')
    .join('');
}
