import { formatTimestamp, parseTimestamp, type EpochSeconds } from '../../model/time.ts';

/** The commands of a person that write the file. */
export const writingCommands = ['set', 'reset', 'pause', 'resume', 'cancel', 'undo'] as const;
export type WritingCommand = (typeof writingCommands)[number];

/**
 * What made the controller write: the end of a run, or a person's command. `edit`: a person's own edit broke or removed
 * the file, and the last good version was kept when they asked for the way back.
 */
export type WriteReason =
  | { readonly by: 'run'; readonly runId: string }
  | { readonly by: WritingCommand | 'edit' };

/** What the name of a kept version tells, so that no second file has to agree with it. */
export interface GenerationName {
  /** Grows by one with each version, so that it means the same one however many come after it. */
  readonly number: number;
  /** When it was replaced. */
  readonly at: EpochSeconds;
  /** What replaced it. */
  readonly reason: WriteReason;
  /** The end of a run replaced it, and a person edited the file before the next write; found out when room is made. */
  readonly edited?: boolean;
}

/** A version of `state.json` that was in force until something was written. */
export interface Generation extends GenerationName {
  readonly path: string;
}

/** `000017-20261121T080000Z-run-r0123456789a.json`: `ls` shows them in order, and any of them can be copied by hand. */
export function generationFile({ number, at, reason, edited = false }: GenerationName): string {
  const time = formatTimestamp(at).replaceAll(/[-:]/g, '');
  const run = reason.by === 'run' ? `-${reason.runId}` : '';
  return `${String(number).padStart(6, '0')}-${time}-${reason.by}${run}${edited ? '-edited' : ''}.json`;
}

/** What a name tells; undefined for a file that is none of ours. */
export function generationOf(name: string): GenerationName | undefined {
  const [, number, time, by, runId, mark] =
    /^(\d{6,15})-(\d{8}T\d{6}Z)-([a-z]+)(?:-(\w+)(-edited)?)?\.json$/.exec(name) ?? [];
  if (number === undefined || time === undefined) return undefined;
  const at = parseTimestamp(time.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  const reason = reasonOf(by, runId);
  if (at === undefined || !reason) return undefined;
  return { number: Number(number), at, reason, ...(mark === undefined ? {} : { edited: true }) };
}

function reasonOf(by: string | undefined, runId: string | undefined): WriteReason | undefined {
  if (by === 'run') return runId === undefined ? undefined : { by, runId };
  if (by === 'edit') return runId === undefined ? { by } : undefined;
  const word = writingCommands.find((command) => command === by);
  return word === undefined || runId !== undefined ? undefined : { by: word };
}
