import { entryCursor } from '../model/cursor.ts';
import type { RunMode } from '../model/events.ts';
import type { EntryStatus } from '../model/status.ts';
import { defaultRefreshSeconds } from '../schedule/due.ts';
import { judge, type Memory } from './judge.ts';
import type { KnownStateEntry } from './known-entries.ts';

/** What is on for an entry: a run of a mode, or one that waits for its turn. */
export type LiveState = RunMode | 'waiting' | undefined;

/** The controller looks at ages and schedules this often; what came due since then is not behind. */
const checkMs = 60_000;

/** What `sluice status` says of an entry besides a run's progress (S22). */
export function statusOf(known: KnownStateEntry, live: LiveState, memory: Memory): EntryStatus {
  const { decision, last, unfinished } = judge(known, memory);
  const { failures, now } = memory;
  const cursor = entryCursor(known.entry);
  return {
    id: known.id,
    service: known.entry.service ?? 'lists',
    group: known.group?.id ?? null,
    state: stateOf(),
    cursor,
    lastRun: last
      ? {
          started: iso(last.started),
          seconds: Math.round(last.totals.seconds * 10) / 10,
          read: last.totals.read,
          published: last.totals.published,
        }
      : null,
    nextRun: nextRun(),
    cause: causeOf(),
  };

  function stateOf(): EntryStatus['state'] {
    if (known.problem) return 'invalid';
    if (live === 'waiting') return overdueMs() > lateMs() ? 'late' : 'due';
    if (live) return live === 'LOAD' ? 'load' : 'sync';
    if (decision.kind === 'due') return dueState();
    if (decision.reason === 'paused') return 'paused';
    return decision.reason === 'failed' ? 'failed' : 'ok';
  }
  function dueState(): EntryStatus['state'] {
    if (!('since' in decision)) return 'due';
    if (overdueMs() > lateMs()) return 'late';
    return overdueMs() < checkMs ? 'ok' : 'due';
  }
  /** Somebody should look when it is twice as old as it should be, and at least a check has gone by. */
  function lateMs(): number {
    return Math.max(checkMs, (known.entry.refresh_seconds ?? defaultRefreshSeconds) * 1000);
  }
  function overdueMs(): number {
    return 'since' in decision ? now - decision.since : 0;
  }
  function nextRun(): string | null {
    if (known.problem || live) return null;
    if (decision.kind === 'waiting') return decision.next === undefined ? null : iso(decision.next);
    return iso(dueState() === 'ok' ? now - overdueMs() + checkMs : now);
  }
  function causeOf(): string | null {
    if (known.problem) {
      const { line, column, message } = known.problem;
      return `line ${line}, column ${column}: ${message}`;
    }
    if (live === 'waiting') return 'it waits for its turn: others of its service run (parallel_entries)';
    return failures.reason(known) ?? (live ? null : (unfinished?.error ?? null));
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
