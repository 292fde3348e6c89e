import { basename } from 'node:path';
import { entryCursor } from '../model/cursor.ts';
import type { Entry } from '../model/entry.ts';
import type { EventBody } from '../model/events.ts';
import { listAside } from '../store/aside.ts';
import type { Recovery } from '../store/open.ts';

/**
 * What a person must know of a database that had to be made anew; undefined when there is nothing to say.
 * @param entries of the state file: one with a cursor was synced before, so that a database must have been there
 */
export function recoveryNotice(
  recovered: Recovery | undefined,
  entries: readonly { readonly entry: Entry }[],
): Extract<EventBody, { type: 'notice' }> | undefined {
  if (recovered?.kind === 'damaged') {
    return { type: 'notice', level: 'error', topic: 'state', message: damageText(recovered) };
  }
  const wasUsed = entries.some(({ entry }) => entryCursor(entry) !== null);
  if (recovered === undefined || !wasUsed) return undefined;
  const message =
    'sluice.db was not there and is made anew: entries go on from their cursors, unfinished runs start over, ' +
    'dead letters and the history of runs begin again';
  return { type: 'notice', level: 'info', topic: 'state', message };
}

function damageText({ reason, aside, salvaged }: Extract<Recovery, { kind: 'damaged' }>): string {
  const saved = [
    counted(salvaged.deadLetters, 'dead letter'),
    `${counted(salvaged.runs, 'run')} of the history`,
  ];
  return (
    `sluice.db was damaged (${reason}). It is kept as ${basename(aside)}, and a new one was made. No data is lost: ` +
    `entries go on from their cursors, unfinished runs start over. Saved from it: ${saved.join(' and ')}; ` +
    'what else it held is only in that file'
  );
}

/** A line for each damaged database that lies in a state folder, until a person removes it. */
export function asideLines(folder: string): readonly string[] {
  return listAside(folder).map(({ name, at }) => {
    const when = new Date(at).toISOString().slice(0, 19);
    return (
      `sluice.db was damaged, and at ${when}Z put aside as ${name}: unfinished runs started over, dead letters that ` +
      'could not be saved are only in it; remove the file when you need nothing of it'
    );
  });
}

function counted(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`;
}
