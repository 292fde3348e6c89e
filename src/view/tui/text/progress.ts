import { count, counted, duration } from '../../format.ts';
import { type Cursor, wholeCursor } from '../../../model/cursor.ts';
import type { EntryRow } from '../model.ts';
import { rateOf, stateOf } from '../row-state.ts';
import type { RunView } from '../state/live-run.ts';
import { bar } from './graphs.ts';
import type { Glyphs } from './glyphs.ts';
import type { Line, Tone } from './line.ts';
import { ago, clockTimeAndDay, perSecond, shortCount, timeLeft } from './words.ts';

/** `72 %`; a run that is on is never quite done. */
export function percent({ run }: EntryRow): string | undefined {
  return run?.fraction === undefined ? undefined : `${Math.min(99, Math.floor(run.fraction * 100))} %`;
}

export function progressBar({ run }: EntryRow, width: number, glyphs: Glyphs): Line {
  if (run?.fraction === undefined) return [];
  const drawn = bar(run.fraction, width, glyphs);
  const full = drawn.lastIndexOf(glyphs.barFull) + 1;
  return [
    { text: drawn.slice(0, full), tone: 'running' },
    { text: drawn.slice(full), tone: 'dim' },
  ];
}

/** `7.2k/10.0k`. */
export function progressCounts({ run }: EntryRow): string {
  if (!run || run.total === undefined) return '';
  return `${shortCount(run.confirmed)}/${shortCount(run.total)}`;
}

/** `72 %  7.2k/10.0k  0:03`. */
export function progressWords(row: EntryRow): string {
  const eta = row.run?.eta;
  return [percent(row), progressCounts(row), eta === undefined ? undefined : timeLeft(eta)]
    .filter((word) => word !== undefined)
    .join('  ');
}

/**
 * What there is to say of an entry in the place of its progress.
 * @param withLast whether nothing else says when it ran last
 */
export function noteOf(row: EntryRow, now: number, withLast: boolean): Line {
  const { report, run, dead } = row;
  if (row.members) return sumNote(row, row.members);
  if (run) return run.fraction === undefined ? runNote(run) : [];
  const letters = dead === 0 ? '' : `${dead} dead letter${dead === 1 ? '' : 's'}`;
  switch (report.state) {
    case 'failed':
    case 'late':
    case 'invalid': {
      const parts = [behind(row, now), report.cause].filter((part) => part !== undefined && part !== null);
      return [{ text: parts.join(': '), tone: report.state === 'late' ? 'warn' : 'bad' }];
    }
    case 'load':
    case 'sync':
      return dim('starting');
    case 'paused':
      return dim('by you; p resumes it');
    case 'due':
      return dim(report.cause ?? (report.lastRun ? 'starts at the next check' : 'never ran yet'));
    default:
      if (letters !== '') return [{ text: letters, tone: 'warn' }];
      return withLast && report.lastRun ? dim(ago(Date.parse(report.lastRun.started), now)) : [];
  }
}

/** What a run without a known total is at; what is in its way first, as the end may be cut off. */
function runNote({ ordinal, waiting, confirmed }: RunView): Line {
  if (ordinal === undefined) return dim('asking the source');
  const place = dim(`${shortCount(confirmed)} done, at ${count(ordinal)}`);
  if (!waiting) return place;
  const chunks = `${count(waiting.chunks)} wait`;
  return [
    waiting.workers === 0
      ? { text: `${chunks}, no workers  `, tone: 'warn' }
      : { text: `${counted(waiting.chunks, 'chunk')} wait  `, tone: 'plain' },
    ...place,
  ];
}

/** How the services of a group are, what asks for attention first: `1 failed, 3 dead letters, 4 run, 18 wait, 3 ok  2.1k/s`. */
function sumNote(row: EntryRow, members: readonly EntryRow[]): Line {
  const of = (...states: readonly string[]): number =>
    members.filter((member) => states.includes(stateOf(member))).length;
  const sums: readonly (readonly [number, string, Tone])[] = [
    [of('failed', 'invalid'), 'failed', 'bad'],
    [of('late'), 'late', 'warn'],
    [row.dead, row.dead === 1 ? 'dead letter' : 'dead letters', 'warn'],
    [of('load', 'sync'), 'run', 'running'],
    [of('due'), 'wait', 'plain'],
    [of('ok'), 'ok', 'ok'],
    [of('paused'), 'paused', 'dim'],
  ];
  const rate = rateOf(row);
  const words = sums
    .filter(([number]) => number > 0)
    .flatMap(([number, word, tone], at): Line => [
      { text: at === 0 ? '' : ', ', tone: 'dim' },
      { text: `${count(number)} ${word}`, tone },
    ]);
  return rate === undefined ? words : [...words, { text: `  ${perSecond(rate)}`, tone: 'plain' }];
}

/** `2 h 40 min behind`, where the cursor is a time. */
export function behind({ report }: EntryRow, now: number): string | undefined {
  if (report.state === 'invalid' || typeof report.cursor !== 'string') return undefined;
  const at = Date.parse(report.cursor);
  if (Number.isNaN(at) || now - at < 60_000) return undefined;
  return `${duration(Math.floor((now - at) / 60_000) * 60)} behind`;
}

/** Where an entry stands, of one that is in step: `in step up to 10:51:16`. */
export function inStep(cursor: Cursor, now: number): string {
  return cursor === wholeCursor || cursor === null ? 'in step' : `in step up to ${cursorText(cursor, now)}`;
}

/** What the next run begins behind. */
export function cursorWords(cursor: Cursor): string {
  if (cursor === null) return 'none: the next run reads everything';
  if (cursor === wholeCursor) return 'published as a whole; 0 publishes it again';
  return typeof cursor === 'number' ? `ordinal ${count(cursor)}` : cursor;
}

/** The cursor as a person reads it. */
function cursorText(cursor: string | number, now: number): string {
  if (typeof cursor === 'number') return `ordinal ${count(cursor)}`;
  const at = Date.parse(cursor);
  return Number.isNaN(at) ? cursor : clockTimeAndDay(at, now);
}

function dim(text: string): Line {
  return [{ text, tone: 'dim' }];
}
