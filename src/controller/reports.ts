import type { Clock } from '../model/clock.ts';
import { entryCursor } from '../model/cursor.ts';
import type { Entry } from '../model/entry.ts';
import type { Emit } from '../model/events.ts';
import type { EntryReport, LiveStatus, RunProgress } from '../model/status.ts';
import type { Decision } from '../schedule/due.ts';
import type { Catalogue } from '../services/catalogue.ts';
import type { StoredRun } from '../store/stored-run.ts';
import type { Store } from '../store/store.ts';
import type { Failures } from './failures.ts';
import { judge, type Judged } from './judge.ts';
import type { GroupEntry, KnownStateEntry } from './known-entries.ts';
import type { Starts } from './starts.ts';
import type { StateFile } from './state-file.ts';
import { type LiveState, statusOf } from './status.ts';

/** What is known of every entry, for decisions, commands and screens. */
export interface Reports {
  /** Whether the entry is due, and why not (S2). */
  judge(entry: KnownStateEntry): Judged;
  /** What `sluice status` prints (S22). */
  status(): readonly LiveStatus[];
  /** Tells the views what changed since they were told last. */
  tell(): void;
  /** Tells once why an entry does not run. */
  tellWaiting(entry: KnownStateEntry, decision: Extract<Decision, { kind: 'waiting' }>): void;
  /** The entry runs now: what was told of it counts no more. */
  forget(entry: KnownStateEntry): void;
}

export interface ReportsParts {
  readonly stateFile: StateFile;
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly failures: Failures;
  readonly starts: Starts;
  readonly asked: ReadonlySet<string>;
  readonly stateOf: (key: string) => LiveState;
  readonly progressOf: (key: string) => RunProgress | undefined;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly once: boolean;
}

export function createReports(parts: ReportsParts): Reports {
  const { stateFile, store, catalogue, failures, starts, asked, stateOf, progressOf, clock, emit, once } =
    parts;
  const told = new Map<string, string>();
  let toldEntries = '';

  const memory = () => ({
    runs: store.runs,
    failures,
    startOf: (run: StoredRun) => starts.of(run),
    asked,
    now: clock.now(),
    defaults: (entry: Entry) => catalogue.of(entry).defaults,
  });
  const reports = (): EntryReport[] => {
    const known = memory();
    return stateFile.entries.map((entry) => {
      const { defaults } = entry.problem ? { defaults: undefined } : catalogue.of(entry.entry);
      return {
        ...statusOf(entry, stateOf(entry.key), known),
        key: entry.key,
        label: entry.label,
        owner: entry.group ? { key: entry.group.key, label: entry.group.label } : null,
        workerCount: entry.entry.worker_count ?? defaults?.workerCount ?? 0,
        itemsPerRequest: entry.entry.items_per_request ?? defaults?.itemsPerRequest ?? 0,
        paused: entry.entry.paused === true,
      };
    });
  };

  const tellPausedGroup = ({ key, label }: GroupEntry): void => {
    if (told.has(key)) return;
    told.set(key, 'paused');
    emit({ type: 'entry.paused', entry: { key, label } });
  };

  return {
    judge: (entry) => judge(entry, { ...memory(), once }),
    status() {
      const known = memory();
      const now = (entry: KnownStateEntry): LiveStatus => ({
        ...statusOf(entry, stateOf(entry.key), known),
        progress: progressOf(entry.key) ?? null,
      });
      return stateFile.entries.map(now);
    },
    tell() {
      const entries = reports();
      const text = JSON.stringify(entries);
      if (text !== toldEntries) emit({ type: 'entries.known', entries });
      toldEntries = text;
    },
    tellWaiting(known, decision) {
      const { key, label, entry, group } = known;
      // A group that is paused as a whole is worth one line, not one for each of its services.
      if (group?.raw['paused'] === true) return tellPausedGroup(group);
      if (group) told.delete(group.key);
      const cursor = entryCursor(entry);
      const said = `${decision.reason} ${cursor}`;
      if (told.get(key) === said) return;
      told.set(key, said);
      const name = { key, label };
      if (decision.reason === 'paused') emit({ type: 'entry.paused', entry: name });
      else if (decision.reason === 'fresh') {
        emit({ type: 'entry.fresh', entry: name, cursor, next: decision.next });
      }
    },
    forget({ key, group }) {
      told.delete(key);
      if (group) told.delete(group.key);
    },
  };
}
