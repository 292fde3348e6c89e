import type { SluiceEvent } from '../../../model/events.ts';
import type { EntryReport } from '../../../model/status.ts';
import { place } from '../../lines.ts';

/** How often the controller looks at the file by itself (the purpose of Sluice: "every minute"). */
const checkMs = 60_000;
/** A regular check may come this much early by our clock. */
const toleranceMs = 1500;

/** All that the events say, but the inside of live runs and the log. Plain data, epoch milliseconds. */
export interface Facts {
  readonly controller:
    | { readonly version: string; readonly state: string; readonly queue: string }
    | undefined;
  /** Undefined until the first check. */
  readonly reports: readonly EntryReport[] | undefined;
  readonly check: { readonly at: number; readonly next: number } | undefined;
  /** The state file cannot be used as it is. */
  readonly problem: { readonly text: string; readonly kept: string | undefined } | undefined;
  readonly down:
    | { readonly queue: string; readonly reason: string; readonly since: number; readonly retryAt: number }
    | undefined;
  readonly full: readonly { readonly queue: string; readonly reason: string; readonly workers: number }[];
  /** The newest retry of any source. */
  readonly retry: { readonly at: number; readonly until: number; readonly reason: string } | undefined;
  readonly quit: { readonly by: string; readonly until: number; readonly running: number } | undefined;
  readonly stopped: boolean;
}

export const noFacts: Facts = {
  controller: undefined,
  reports: undefined,
  check: undefined,
  problem: undefined,
  down: undefined,
  full: [],
  retry: undefined,
  quit: undefined,
  stopped: false,
};

/** The facts after an event. Pure; the same object when the event changes none. */
export function reduceFacts(facts: Facts, event: SluiceEvent): Facts {
  switch (event.type) {
    case 'controller.started': {
      const { version, state, queue } = event;
      return { ...facts, controller: { version, state, queue } };
    }
    case 'controller.checked':
      return { ...facts, check: { at: event.at, next: nextCheck(facts, event.at) } };
    case 'controller.stopped':
      return { ...facts, stopped: true };
    case 'entries.known':
      return { ...facts, reports: event.entries };
    case 'state.rejected':
      return { ...facts, problem: { text: place(event.problem), kept: event.kept } };
    case 'state.accepted':
    case 'state.changed':
      return facts.problem ? { ...facts, problem: undefined } : facts;
    case 'queue.down': {
      const { queue, reason, at, waitMs } = event;
      return { ...facts, down: { queue, reason, since: facts.down?.since ?? at, retryAt: at + waitMs } };
    }
    case 'queue.up':
      return { ...facts, down: undefined };
    case 'queue.full': {
      const { queue, reason, workers } = event;
      return { ...facts, full: [...withoutQueue(facts, queue), { queue, reason, workers }] };
    }
    case 'queue.flowing':
      return { ...facts, full: withoutQueue(facts, event.queue) };
    case 'source.retry': {
      const { at, waitMs, host, reason } = event;
      const text = reason.includes(host) ? reason : `${host}: ${reason}`;
      return { ...facts, retry: { at, until: at + waitMs, reason: text } };
    }
    case 'quit.requested': {
      const { by, at, running, drainSeconds } = event;
      return { ...facts, quit: { by, running, until: at + drainSeconds * 1000 } };
    }
    case 'run.finished': {
      const { read, published, seconds } = event.totals;
      const started = new Date(event.at - seconds * 1000).toISOString();
      const lastRun = { started, seconds, read, published };
      return patched(facts, event.entry.key, {
        state: 'ok',
        cause: null,
        cursor: event.cursor,
        lastRun,
        nextRun: null,
      });
    }
    case 'run.failed': {
      const nextRun = event.retryAt === undefined ? null : new Date(event.retryAt).toISOString();
      const { message, hint } = event.error;
      const cause = hint === undefined ? message : `${message} - ${hint}`;
      return patched(facts, event.entry.key, { state: 'failed', cause, nextRun });
    }
    default:
      return facts;
  }
}

/** Checks that something woke come in between and move the regular ones not at all. */
function nextCheck({ check }: Facts, at: number): number {
  if (!check || at >= check.next - toleranceMs) return at + checkMs;
  return check.next;
}

function withoutQueue({ full }: Facts, queue: string): Facts['full'] {
  return full.filter((one) => one.queue !== queue);
}

/** What a run's end says of its entry, until the next check reports it in full. */
function patched(facts: Facts, key: string, news: Partial<EntryReport>): Facts {
  if (!facts.reports?.some((report) => report.key === key)) return facts;
  const reports = facts.reports.map((report) => (report.key === key ? { ...report, ...news } : report));
  return { ...facts, reports };
}
