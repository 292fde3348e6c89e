import type { Cost } from '../model/commands.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import { parseTimestamp } from '../model/time.ts';
import type { Catalogue } from '../services/catalogue.ts';
import type { SourceContext } from '../services/contract.ts';
import type { RunStore } from '../store/runs.ts';
import { changedWindowFields } from '../state/cursor.ts';
import { byGroup } from './group-lines.ts';
import type { KnownStateEntry } from './known-entries.ts';
import type { LiveRun } from './live-run.ts';
import { together } from './together.ts';

/** What follows when one version of the file takes the place of another, one line an entry. Never rejects. */
export type AskCosts = (
  before: readonly KnownStateEntry[],
  after: readonly KnownStateEntry[],
) => Promise<readonly Cost[]>;

export interface CostsParts {
  readonly catalogue: Catalogue;
  readonly context: SourceContext;
  readonly live: ReadonlyMap<string, LiveRun>;
  readonly runs: Pick<RunStore, 'unfinished'>;
  /** Ends what is still waited for. */
  readonly signal: AbortSignal;
  /** How long the sources are waited for, all together, in milliseconds. */
  readonly askMs?: number;
}

/** A person who looks at a question waits no longer; the control socket gives up at 10 s. */
const longestMs = 7000;
/** More sources are not asked for one question. */
const mostAsked = 20;

/** What reading again, leaving out and cancelling it takes when window-shaping fields change (S4). */
export function createCosts(parts: CostsParts): AskCosts {
  const { catalogue, context, live, runs, signal, askMs = longestMs } = parts;

  return async (before, after) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(askMs)]);
    const then = new Map(before.map((entry) => [entry.key, entry]));
    const now = new Set(after.map(({ key }) => key));
    const removed = before.filter(({ key }) => !now.has(key));
    const moved = after.flatMap((entry) => {
      const earlier = then.get(entry.key);
      return earlier && changedWindowFields(earlier.raw, entry.raw).length === 0 ? [] : [{ earlier, entry }];
    });
    const ended = removed.map((entry) => ({ label: entry.label, texts: cancelled(entry) }));
    const begun = await Promise.all(
      moved.map(async ({ earlier, entry }, place) => ({
        label: entry.label,
        texts: [
          ...(earlier ? cancelled(earlier) : []),
          ...(await read(earlier, entry, place < mostAsked ? within : undefined)),
        ],
      })),
    );
    const lines = [...ended, ...begun].flatMap(({ label, texts }) =>
      texts.length === 0 ? [] : [{ label, text: texts.join('; ') }],
    );
    return together(byGroup(lines, after));
  };

  /** The run that a change ends, and what it had done. */
  function cancelled(entry: KnownStateEntry): string[] {
    const isLive = live.get(entry.key)?.begun === true;
    const unfinished = runs.unfinished(entry.key);
    if (!isLive && !unfinished) return [];
    const what = isLive ? 'the run that is on is cancelled' : 'the unfinished run is dropped';
    const done = unfinished?.totals.published ?? 0;
    return [done === 0 ? what : `${what}, and the ${inWords(done)} it has done are read again`];
  }

  /** @param within undefined when the source is not to be asked */
  async function read(
    before: KnownStateEntry | undefined,
    after: KnownStateEntry,
    within: AbortSignal | undefined,
  ): Promise<string[]> {
    if (after.problem) return [`cannot run: ${after.problem.message}`];
    const changed = before ? changedWindowFields(before.raw, after.raw) : [];
    const isSame = before !== undefined && changed.every((field) => field.startsWith('latest_'));
    const ordinal = after.raw['latest_ordinal'];
    if (typeof ordinal === 'number')
      return readChain(isSame ? before.raw['latest_ordinal'] : undefined, ordinal);
    const time = after.entry.latest_timestamp ?? null;
    // An incremental run ignores it (S7).
    if (time !== null && changed.join() === 'start_offset') return [];
    if (!isSame) {
      const left = before && time !== null ? [`what changed there before ${time} is not read`] : [];
      return [...(await ask(after, '', within)), ...left];
    }
    const earlier = before.entry.latest_timestamp ?? null;
    if (time === null || (earlier !== null && secondsOf(time) < secondsOf(earlier))) {
      return await ask(after, ' again', within);
    }
    return [`what changed ${earlier === null ? 'before' : `between ${earlier} and`} ${time} is not read`];
  }

  async function ask(
    after: KnownStateEntry,
    again: string,
    within: AbortSignal | undefined,
  ): Promise<string[]> {
    const time = after.entry.latest_timestamp ?? null;
    const where = time === null ? 'everything' : `what changed after ${time}`;
    if (!within) return [`reads ${where}${again}`];
    try {
      const opened = await catalogue.of(after.entry).openSource(after.entry, context);
      switch (opened.kind) {
        case 'ranged': {
          const { total } = await opened.source.probe(time === null ? null : secondsOf(time), within);
          return [`reads about ${inWords(total)}${again}`];
        }
        case 'chained':
          // Without an ordinal of its own it goes on from the one in Redis, where there is one (S16).
          return ['reads everything behind the ordinal in Redis, or all there is'];
        case 'whole':
          return [];
        default:
          return opened satisfies never;
      }
    } catch (error) {
      const reason = isLate(error) ? `no answer within ${askMs / 1000} s` : asSluiceError(error).message;
      return [`reads ${where}${again} (how much that is could not be asked: ${reason})`];
    }
  }
}

function readChain(before: unknown, after: number): string[] {
  if (before === after) return [];
  if (typeof before !== 'number') return [`reads everything behind ordinal ${after}`];
  return after > before
    ? [`what lies between the ordinals ${before} and ${after} is not read`]
    : [`reads everything behind ordinal ${after} again`];
}

/** A parsed entry's times are times. */
function secondsOf(time: string): number {
  return parseTimestamp(time) ?? 0;
}

function isLate(error: unknown): boolean {
  return isAbort(error) || (error instanceof Error && error.name === 'TimeoutError');
}

function inWords(records: number): string {
  return `${records.toLocaleString('en-US')} ${records === 1 ? 'record' : 'records'}`;
}
