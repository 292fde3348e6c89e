import type { SluiceEvent } from '../model/events.ts';

/** What a view shows of one entry that runs. */
export interface RunSnapshot {
  readonly label: string;
  readonly mode: 'LOAD' | 'SYNC';
  readonly startedAt: number;
  /** Records confirmed in this session, and about how many there are. */
  readonly confirmed: number;
  readonly total: number | undefined;
}

export interface FailureSnapshot {
  readonly label: string;
  readonly reason: string;
  readonly hint: string | undefined;
  /** Since when, epoch milliseconds. */
  readonly since: number;
}

/** Everything a view needs, reduced from the events. Plain data; a new object for every change. */
export interface Snapshot {
  readonly startedAt: number | undefined;
  readonly running: ReadonlyMap<string, RunSnapshot>;
  /** By entry; gone when the entry succeeds. */
  readonly failures: ReadonlyMap<string, FailureSnapshot>;
  readonly runs: number;
  readonly records: number;
  readonly deadLetters: number;
}

export const emptySnapshot: Snapshot = {
  startedAt: undefined,
  running: new Map(),
  failures: new Map(),
  runs: 0,
  records: 0,
  deadLetters: 0,
};

/** The snapshot after an event. Pure; the same object when the event changes nothing a view shows. */
export function reduce(state: Snapshot, event: SluiceEvent): Snapshot {
  switch (event.type) {
    case 'controller.started':
      return { ...state, startedAt: event.at };
    case 'run.started':
      return withRun(state, event.entry.key, {
        label: event.entry.label,
        mode: event.mode,
        startedAt: event.at,
        confirmed: 0,
        total: undefined,
      });
    case 'run.window':
    case 'page.read':
      return updateRun(state, event.entry.key, (run) =>
        run.total === event.total ? run : { ...run, total: event.total },
      );
    case 'page.confirmed':
      return {
        ...updateRun(state, event.entry.key, (run) => ({ ...run, confirmed: run.confirmed + event.records })),
        records: state.records + event.records,
      };
    case 'run.finished':
      return {
        ...withoutRun(state, event.entry.key),
        runs: state.runs + 1,
        failures: without(state.failures, event.entry.key),
      };
    case 'run.failed': {
      const { label, key } = event.entry;
      const since = state.failures.get(key)?.since ?? event.at;
      const failure = { label, reason: event.error.message, hint: event.error.hint, since };
      return { ...withoutRun(state, key), failures: new Map(state.failures).set(key, failure) };
    }
    case 'run.cancelled':
    case 'run.drained':
      return withoutRun(state, event.entry.key);
    case 'record.dead':
      return { ...state, deadLetters: state.deadLetters + 1 };
    default:
      return state;
  }
}

/** Where views get their snapshot and learn that there is a new one. */
export interface SnapshotStore {
  get(): Snapshot;
  apply(event: SluiceEvent): void;
  /** @returns the function that ends the subscription */
  subscribe(listener: () => void): () => void;
}

export function createSnapshotStore(): SnapshotStore {
  let state = emptySnapshot;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    apply(event) {
      const next = reduce(state, event);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function withRun(state: Snapshot, key: string, run: RunSnapshot): Snapshot {
  return { ...state, running: new Map(state.running).set(key, run) };
}

function updateRun(state: Snapshot, key: string, change: (run: RunSnapshot) => RunSnapshot): Snapshot {
  const run = state.running.get(key);
  const changed = run && change(run);
  return changed === undefined || changed === run ? state : withRun(state, key, changed);
}

function withoutRun(state: Snapshot, key: string): Snapshot {
  if (!state.running.has(key)) return state;
  return { ...state, running: without(state.running, key) };
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  if (!map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
