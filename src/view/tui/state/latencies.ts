/** How long the source took for the last pages. */
export interface Latencies {
  add(at: number, ms: number): void;
  /** Of the last 200 pages, in milliseconds; undefined before the first. */
  summary(): { readonly mean: number; readonly p95: number } | undefined;
  /**
   * The share of the last ten seconds that `readers` readers spent waiting for the source, 0 to 1.
   * @param waiting since when the pages that are not there yet have been asked for
   */
  busy(now: number, readers: number, since: number, waiting: readonly number[]): number;
}

const kept = 200;
const spanMs = 10_000;

export function createLatencies(): Latencies {
  const last: { readonly at: number; readonly ms: number }[] = [];
  return {
    add(at, ms) {
      last.push({ at, ms });
      if (last.length > kept) last.shift();
    },
    summary() {
      if (last.length === 0) return undefined;
      const sorted = last.map(({ ms }) => ms).toSorted((a, b) => a - b);
      const mean = sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length;
      return { mean, p95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? mean };
    },
    busy(now, readers, since, waiting) {
      // With more pages than are kept, what is kept says it for the time it covers.
      const from = Math.max(now - spanMs, since, last.length === kept ? (last[0]?.at ?? 0) : 0);
      const span = now - from;
      if (span <= 0 || readers <= 0) return 0;
      let sum = 0;
      for (const asked of waiting) sum += Math.max(0, now - Math.max(asked, from));
      for (const { at, ms } of last) sum += Math.max(0, Math.min(ms, at - from));
      return Math.min(1, sum / (span * readers));
    },
  };
}
