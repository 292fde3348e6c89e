import { entryCursor } from '../model/cursor.ts';
import type { EntryStatus } from '../model/status.ts';
import { defaultRefreshSeconds } from '../schedule/due.ts';
import { judge, type Memory } from './judge.ts';
import type { KnownStateEntry } from './known-entries.ts';

/**
 * What `sluice status` says of an entry (S22).
 * @param running the mode of the run that is on, if one is
 */
export function statusOf(
  known: KnownStateEntry,
  running: 'LOAD' | 'SYNC' | undefined,
  memory: Memory,
): EntryStatus {
  const { decision, last, unfinished } = judge(known, memory);
  const { failures, now } = memory;
  const cursor = entryCursor(known.entry);
  return {
    id: known.id,
    service: known.entry.service ?? 'lists',
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
    if (running) return running === 'LOAD' ? 'load' : 'sync';
    if (decision.kind === 'due') return isLate() ? 'late' : 'due';
    if (decision.reason === 'paused') return 'paused';
    return decision.reason === 'failed' ? 'failed' : 'ok';
  }
  /** Twice the age it should have had when it ran: somebody should look. */
  function isLate(): boolean {
    if (!last) return false;
    const seconds = known.entry.refresh_seconds ?? defaultRefreshSeconds;
    // Ages are looked at once a minute, so what should be younger than that is not late before.
    return now - last.started > 2 * Math.max(seconds, 60) * 1000;
  }
  function nextRun(): string | null {
    if (known.problem || decision.kind === 'due') return running || known.problem ? null : iso(now);
    return decision.next === undefined ? null : iso(decision.next);
  }
  function causeOf(): string | null {
    if (known.problem) {
      const { line, column, message } = known.problem;
      return `line ${line}, column ${column}: ${message}`;
    }
    return failures.reason(known) ?? (running ? null : (unfinished?.error ?? null));
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
