import { count, counted, duration } from '../../format.ts';
import type { EntryRow } from '../model.ts';
import type { RunView } from '../state/live-run.ts';
import { bar } from './graphs.ts';
import type { Glyphs } from './glyphs.ts';
import type { Line } from './line.ts';
import { ago, clockTimeAndDay, shortCount } from './words.ts';

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

/**
 * What there is to say of an entry in the place of its progress.
 * @param withLast whether nothing else says when it ran last
 */
export function noteOf(row: EntryRow, now: number, withLast: boolean): Line {
  const { report, run, dead } = row;
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

/** What a run without a known total is at. */
function runNote({ ordinal, waiting }: RunView): Line {
  if (ordinal === undefined) return dim('asking the source');
  const place = `ordinal ${count(ordinal)}`;
  if (!waiting) return dim(place);
  const chunks = `${counted(waiting.chunks, 'chunk')} wait`;
  return [
    ...dim(`${place}  `),
    waiting.workers === 0 ? { text: `${chunks}, no workers`, tone: 'warn' } : { text: chunks, tone: 'plain' },
  ];
}

/** `2 h 40 min behind`, where the cursor is a time. */
export function behind({ report }: EntryRow, now: number): string | undefined {
  if (report.state === 'invalid' || typeof report.cursor !== 'string') return undefined;
  const at = Date.parse(report.cursor);
  if (Number.isNaN(at) || now - at < 60_000) return undefined;
  return `${duration(Math.floor((now - at) / 60_000) * 60)} behind`;
}

/** The cursor as a person reads it. */
export function cursorText(cursor: string | number | null, now: number): string {
  if (cursor === null) return 'from the beginning';
  if (typeof cursor === 'number') return `ordinal ${cursor.toLocaleString('en-US')}`;
  const at = Date.parse(cursor);
  return Number.isNaN(at) ? cursor : clockTimeAndDay(at, now);
}

function dim(text: string): Line {
  return [{ text, tone: 'dim' }];
}
