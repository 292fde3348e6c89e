import { type Cursor, wholeCursor } from '../model/cursor.ts';
import type { SluiceError } from '../model/errors.ts';
import type { FileProblem, RunTotals, SluiceEvent } from '../model/events.ts';
import { limitedBy, limitName } from '../model/run-totals.ts';
import { count, counted, duration, localTime } from './format.ts';

export type Level = 'INFO' | 'WARN' | 'ERROR';

/** One line of the log, in the old importer's manner (systems.md 8.5). */
export interface Line {
  readonly level: Level;
  /** Who speaks: controller, state, sync, queue, source. */
  readonly topic: string;
  readonly text: string;
}

/** What to say about an event; undefined for the events of single pages, which are a view's to sum up. */
export function lineOf(event: SluiceEvent): Line | undefined {
  switch (event.type) {
    case 'controller.started':
      return info('controller', `sluice ${event.version} starting with ${event.state}, queue ${event.queue}`);
    case 'controller.checked':
      return info('controller', checked(event));
    case 'controller.stopped':
      return info('controller', `done (${event.reason}) after ${duration(event.seconds)}.`);
    case 'state.changed':
      return info(
        'state',
        `the file was changed: ${event.entries === 1 ? '1 entry' : `${count(event.entries)} entries`} in force.`,
      );
    case 'state.rejected':
      return error(
        'state',
        `${place(event.problem)}${event.kept === undefined ? '' : `; the file read at ${event.kept} stays in force`}`,
      );
    case 'state.accepted':
      return info('state', 'the file is good again.');
    case 'entry.invalid':
      return error('state', `${event.label} does not run: ${place(event.problem)}`);
    case 'entry.fresh':
      return info(
        'controller',
        `${event.entry.label} up to date${standing(event.cursor, ', last updated on ')}${next(event.next)}.`,
      );
    case 'entry.paused':
      return info('controller', `${event.entry.label} is paused.`);
    case 'run.started':
      return info(
        'controller',
        `${event.entry.label} requires "${event.mode}", ${event.resumed ? 'going on where it stopped' : 'firing'} with ${counted(event.workers, 'worker')}...`,
      );
    case 'run.window':
      return info('sync', `${event.entry.label}: about ${counted(event.total, 'record')} to read.`);
    case 'run.chain':
      return info('sync', chain(event));
    case 'chunks.waiting':
      return event.unattended ? warn('sync', unattended(event)) : undefined;
    case 'run.advanced':
      return undefined;
    case 'run.again':
      return warn(
        'sync',
        `${event.entry.label}: ${count(event.read)} of ${counted(event.total, 'record')} could be read, reading the window again.`,
      );
    case 'run.finished':
      return info(
        'sync',
        `${event.entry.label}: completed, ${summary(event.totals)}${standing(event.cursor, '; now at ')}.`,
      );
    case 'run.failed':
      return error('sync', `${event.entry.label}: ${explain(event.error)}${again(event.retryAt)}`);
    case 'run.cancelled':
      return warn(
        'sync',
        `${event.entry.label}: run cancelled, ${event.reason}; ${event.kept === undefined ? 'nothing was written for it' : `latest_ordinal stays at ${event.kept}`}.`,
      );
    case 'run.drained':
      return info(
        'sync',
        `${event.entry.label}: stopped after ${counted(event.published, 'record')}; it goes on from there.`,
      );
    case 'record.dead':
      return warn('sync', `${event.entry.label}: dead letter ${event.key ?? '(no key)'}: ${event.reason}.`);
    case 'source.retry':
      return warn('source', retrying(event));
    case 'queue.down':
      return warn('queue', `${down(event)}; waiting for it, nothing is lost.`);
    case 'queue.up':
      return info('queue', `${event.queue} is back after ${duration(event.downMs / 1000)}.`);
    case 'queue.full':
      return warn(
        'queue',
        `${event.queue}: ${event.reason}, ${counted(event.workers, 'worker')}; reading has stopped until there is room.`,
      );
    case 'queue.flowing':
      return event.hasRoom ? info('queue', `${event.queue} has room again.`) : undefined;
    case 'quit.requested':
      return warn('controller', quitting(event));
    case 'notice':
      return { level: noticeLevels[event.level], topic: event.topic, text: event.message };
    case 'entries.known':
    case 'letters.changed':
    case 'page.asked':
    case 'page.read':
    case 'page.reread':
    case 'page.confirmed':
      return undefined;
    default:
      return event satisfies never;
  }
}

/** `2026-11-21 10:51:16 INFO |controller| text`. */
export function printLine(at: number, { level, topic, text }: Line): string {
  return `${localTime(at)} ${level} |${topic}| ${text}`;
}

/** An error with what to do about it. */
export function explain({ message, hint }: Pick<SluiceError, 'message' | 'hint'>): string {
  return hint === undefined ? message : `${message} - ${hint}`;
}

/** `state/state.json line 7, column 3: expected a comma`. */
export function place({ file, line, column, message }: FileProblem): string {
  return `${file} line ${line}, column ${column}: ${message}`;
}

const noticeLevels = { info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

const info = (topic: string, text: string): Line => ({ level: 'INFO', topic, text });
const warn = (topic: string, text: string): Line => ({ level: 'WARN', topic, text });
const error = (topic: string, text: string): Line => ({ level: 'ERROR', topic, text });

function checked({ entries, due, running }: Extract<SluiceEvent, { type: 'controller.checked' }>): string {
  const rest =
    entries === 0 ? 'there is nothing to do: add an entry' : `${count(due)} due, ${count(running)} running`;
  return `checked ${entries === 1 ? '1 entry' : `${count(entries)} entries`}: ${rest}.`;
}

function quitting({ by, running, drainSeconds }: Extract<SluiceEvent, { type: 'quit.requested' }>): string {
  if (running === 0) return `quitting on ${by}.`;
  return `quitting on ${by}: ${counted(running, 'run')} draining, at most ${drainSeconds} s more (once more: stop now).`;
}

function retrying({ host, reason, attempt, waitMs }: Extract<SluiceEvent, { type: 'source.retry' }>): string {
  const where = reason.includes(host) ? '' : `${host}: `;
  return `${where}${reason} (attempt ${attempt}), again in ${duration(waitMs / 1000)}.`;
}

function down({ queue, reason }: Extract<SluiceEvent, { type: 'queue.down' }>): string {
  return reason.includes(queue) ? reason : `${queue} is down: ${reason}`;
}

function unattended({ entry, chunks, queue }: Extract<SluiceEvent, { type: 'chunks.waiting' }>): string {
  const what = chunks === 1 ? '1 chunk waits' : `${count(chunks)} chunks wait`;
  return `${entry.label}: ${what} for consumers, 0 workers on ${queue}`;
}

function chain({ entry, cursor, after }: Extract<SluiceEvent, { type: 'run.chain' }>): string {
  const overlap = after < cursor ? ` (behind ${after} again, for changes that were committed late)` : '';
  return `${entry.label}: reading what changed behind ordinal ${Math.max(cursor, after)}${overlap}.`;
}

/** From this long on it is worth saying what a run waited for. */
const longSeconds = 10;

function summary(totals: RunTotals): string {
  const { read, published, ignored, requests, retried, slowestMs, reread, deadLetters, seconds } = totals;
  const parts = [
    `${count(read)} read, ${count(published)} published in ${duration(seconds)}`,
    counted(requests, 'request'),
  ];
  if (retried > 0) parts.push(`${count(retried)} of them retries`);
  if (ignored > 0) parts.push(`${count(ignored)} ignored as known`);
  if (reread > 0) parts.push(`${count(reread)} read again at page boundaries`);
  if (deadLetters > 0) parts.push(counted(deadLetters, 'dead letter'));
  const limit = limitedBy(totals);
  if (seconds >= longSeconds && limit !== undefined) {
    parts.push(`limited by ${limitName(limit)}`, `the slowest request took ${duration(slowestMs / 1000)}`);
  }
  return parts.join(', ');
}

/** Where an entry stands, behind the words for a time; what is read as a whole stands nowhere. */
function standing(cursor: Cursor, words: string): string {
  if (cursor === null || cursor === wholeCursor) return '';
  return typeof cursor === 'number' ? `, at ordinal ${cursor}` : `${words}${cursor}`;
}

function next(at: number | undefined): string {
  return at === undefined ? '' : `, next at ${localTime(at)}`;
}

function again(at: number | undefined): string {
  return at === undefined ? '' : `; again at ${localTime(at)}`;
}
