import type { SluiceEvent } from '../../../model/events.ts';
import type { LetterDetail, LetterRecord } from '../../../model/letters.ts';
import type { RunRecord } from '../../../model/operator.ts';
import type { QueueStatus } from '../../../model/queues.ts';
import type { EntryRow, QueueRow, ScreenData } from '../model.ts';
import { type Clean, cleaned } from './clean.ts';
import { type Facts, noFacts, reduceFacts } from './facts.ts';
import { type LettersView, type LetterView, letterView, noLetters } from './letters.ts';
import { liveHistory } from './live-history.ts';
import { createLiveRun, type LiveRun } from './live-run.ts';
import { createLogRing } from './log-ring.ts';
import { queueRows } from './queue-rows.ts';

/** What the events said and what was asked for, to be looked at when a frame is due. Changes in place: it takes thousands of events a second. */
export interface ScreenStore {
  /** @returns whether anything a screen shows has changed */
  apply(event: SluiceEvent): boolean;
  /** @param at epoch milliseconds; @returns whether anything has changed */
  setQueues(queues: readonly QueueStatus[] | undefined, at: number): boolean;
  setHistory(history: readonly RunRecord[]): void;
  /** @param counts by the key of the entry @param newest newest first */
  setLetters(counts: ReadonlyMap<string, number>, newest: readonly LetterRecord[]): void;
  /** The dead letter that is looked at. */
  setLetter(letter: LetterDetail | undefined): void;
  setReady(): void;
  /** Whether a run is on, so that time itself changes what is shown. */
  isRunning(): boolean;
  facts(): Facts;
  /** The id that commands take, as the controller gave it. */
  idOf(key: string): string | undefined;
  view(now: number): ScreenData;
}

export function createScreenStore(clean: Clean): ScreenStore {
  const runs = new Map<string, LiveRun>();
  const ids = new Map<string, string>();
  const ring = createLogRing();
  let facts = noFacts;
  let queues: readonly QueueRow[] | undefined;
  let asked: { readonly queues: readonly QueueStatus[]; readonly at: number } | undefined;
  let history: readonly RunRecord[] = [];
  let letters: LettersView = noLetters;
  let letter: LetterView | undefined;
  let ready = false;
  let seen: ScreenData | undefined;
  let seenAt = 0;

  const follow = (event: SluiceEvent): boolean => {
    switch (event.type) {
      case 'run.started':
        runs.set(event.entry.key, createLiveRun(event));
        return true;
      case 'run.finished':
      case 'run.failed':
      case 'run.cancelled':
      case 'run.drained':
        return runs.delete(event.entry.key);
      case 'entries.known':
      case 'source.retry':
        for (const run of runs.values()) run.apply(event);
        return true;
      default:
        if (!('entry' in event)) return false;
        runs.get(event.entry.key)?.apply(event);
        return runs.has(event.entry.key);
    }
  };

  return {
    apply(raw) {
      seen = undefined;
      // Single pages carry no text that is shown, and come by the thousand.
      const event = raw.type.startsWith('page.') ? raw : cleaned(raw, clean);
      if (raw.type === 'entries.known') {
        ids.clear();
        for (const { key, id, owner, group } of raw.entries) {
          ids.set(clean(key), id);
          if (owner && group !== null) ids.set(clean(owner.key), group);
        }
      }
      const before = facts;
      facts = reduceFacts(facts, event);
      const isLogged = ring.apply(event);
      return follow(event) || isLogged || facts !== before;
    },
    setQueues(raw, at) {
      seen = undefined;
      const before = queues;
      const next = raw?.map((queue) => cleaned(queue, clean));
      queues = next && queueRows(next, at, asked);
      asked = next && { queues: next, at };
      return JSON.stringify(before) !== JSON.stringify(queues);
    },
    setHistory(raw) {
      seen = undefined;
      history = raw.map((run) => cleaned(run, clean));
    },
    setLetters(counts, newest) {
      seen = undefined;
      const byEntry = new Map([...counts].map(([key, count]) => [clean(key), count]));
      letters = { counts: byEntry, newest: newest.map((one) => cleaned(one, clean)) };
    },
    setLetter(raw) {
      seen = undefined;
      letter = raw && letterView(raw, clean);
    },
    setReady() {
      seen = undefined;
      ready = true;
    },
    isRunning: () => runs.size > 0,
    facts: () => facts,
    idOf: (key) => ids.get(key),
    view(now) {
      // One key looks several times in the same millisecond.
      if (seen && seenAt === now) return seen;
      const entries = (facts.reports ?? []).map((report): EntryRow => ({
        report,
        run: runs.get(report.key)?.view(now),
        dead: letters.counts.get(report.key) ?? 0,
      }));
      seenAt = now;
      seen = {
        facts,
        entries,
        log: ring.lines(),
        queues,
        history: liveHistory(history, entries, now),
        letters,
        letter,
        ready,
      };
      return seen;
    },
  };
}
