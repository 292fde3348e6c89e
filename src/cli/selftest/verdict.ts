/** A job found in the queue, with the names of its records. */
export interface Delivered {
  readonly id: string;
  readonly names: readonly string[];
}

/** What happened, for comparing. */
export interface Facts {
  readonly jobs: readonly Delivered[];
  /** In which start each chunk was first given to the queue, by chunk id. */
  readonly given: ReadonlyMap<string, number>;
  /** What must have arrived. */
  readonly due: ReadonlySet<string>;
  /** What each finished run says to have published, by run id. */
  readonly totals: ReadonlyMap<string, number>;
  /** How many records a kill may find published and not known to be. */
  readonly underWay: number;
}

export interface Verdict {
  /** Names of records that must have arrived and did not. */
  readonly lost: readonly string[];
  /** Records that arrived more than once in the same version. */
  readonly replayed: number;
  /** The most that one start replayed. */
  readonly mostReplayed: number;
  /** Runs whose total is not what the queue holds of them. */
  readonly miscounted: readonly string[];
}

/** Compares what arrived with what had to. Pure. */
export function judge({ jobs, given, due, totals, underWay }: Facts): Verdict {
  const arrived = new Set<string>();
  const replays = new Map<number, number>();
  const inOrder = jobs.toSorted((one, other) => startOf(one, given) - startOf(other, given));
  for (const job of inOrder) {
    const start = startOf(job, given);
    for (const name of job.names) {
      if (arrived.has(name)) replays.set(start, (replays.get(start) ?? 0) + 1);
      arrived.add(name);
    }
  }
  const counts = [...replays.values()];
  return {
    lost: [...due].filter((name) => !arrived.has(name)),
    replayed: counts.reduce((sum, count) => sum + count, 0),
    mostReplayed: Math.max(0, ...counts),
    miscounted: [...totals].flatMap(([run, published]) => {
      const held = jobs.filter(({ id }) => id.startsWith(`${run}-`));
      const distinct = new Set(held.flatMap(({ names }) => names)).size;
      const starts = new Set(held.map((job) => startOf(job, given)));
      // Exact, but for what was under way at a kill: it may count twice, or not at all if it left the source meanwhile.
      const unsure = Math.max(0, starts.size - 1) * underWay;
      if (Math.abs(published - distinct) <= unsure) return [];
      return [`run ${run} says ${published}, the queue holds ${distinct} of it`];
    }),
  };
}

function startOf({ id }: Delivered, given: ReadonlyMap<string, number>): number {
  return given.get(id) ?? -1;
}
