import type { CommandAnswer } from '../model/commands.ts';
import type { Emit } from '../model/events.ts';
import type { LetterBook, LetterDetail, LetterPlan, LetterRecord } from '../model/letters.ts';
import type { Store } from '../store/store.ts';
import type { StoredLetter, StoredSummary } from '../store/letter-rows.ts';
import { isMeant, refusalOf, retryId } from './letter-rules.ts';
import { namedEntries } from './named-entries.ts';
import type { Retries } from './retry.ts';

export interface LettersParts {
  readonly store: Pick<Store, 'deadLetters' | 'entries'>;
  /** Undefined where there is no queue to publish to. */
  readonly retries: Retries | undefined;
  /** Whether all that they are published to keeps the newest version of a record, whatever comes later. */
  readonly keepsNewest: () => boolean;
  readonly emit: Emit;
}

/** The dead letters of a state folder in a person's hands: of a controller, or of a command that has the folder to itself. */
export function createLetters({ store, retries, keepsNewest, emit }: LettersParts): LetterBook {
  const { deadLetters, entries } = store;

  const plan = (ids: readonly number[]): LetterPlan => {
    const found = ids.flatMap((id) => deadLetters.find(id) ?? []);
    const refused = found.flatMap((letter) => {
      const reason = refusalOf(letter);
      return reason === undefined ? [] : [{ id: letter.id, reason }];
    });
    const ready = found.filter((letter) => refusalOf(letter) === undefined);
    return {
      ids: ready.map(({ id }) => id),
      refused,
      overtaken: keepsNewest() ? 0 : ready.filter(({ isOvertaken }) => isOvertaken).length,
    };
  };

  const retry = (ids: readonly number[]): CommandAnswer => {
    const letters = ids.flatMap((id) => deadLetters.find(id) ?? []);
    const [only] = letters;
    if (!only) return nothing(ids);
    const ready = letters.flatMap((letter) => {
      const { chunk } = letter;
      return chunk === undefined || refusalOf(letter) !== undefined ? [] : [{ letter, chunk }];
    });
    if (ready.length === 0) {
      const who =
        letters.length === 1 ? `dead letter ${only.id}` : `none of the ${letters.length} dead letters`;
      const reason = letters.length === 1 ? `: ${refusalOf(only)}` : '';
      return refusal(
        `${who} can${letters.length === 1 ? 'not' : ''} be retried${reason}`,
        'failed show says more',
      );
    }
    for (const { letter, chunk } of ready) {
      const { id, retrying, retries: before } = letter;
      // One that is on its way already goes on under its id.
      if (retrying === undefined) deadLetters.begin(id, retryId(chunk, before + 1));
      retries?.follow(id);
    }
    changed();
    const left = letters.length - ready.length;
    const rest = left === 0 ? '' : `; ${counted(left)} cannot be retried`;
    return { done: true, message: `${counted(ready.length)} on the way again${rest}` };
  };

  const drop = (ids: readonly number[]): CommandAnswer => {
    const dropped = deadLetters.drop(ids);
    if (dropped === 0) return nothing(ids);
    changed();
    return { done: true, message: `${counted(dropped)} dropped` };
  };

  const changed = (): void => emit({ type: 'letters.changed', letters: deadLetters.count() });

  return {
    list(filter, most) {
      const isFiltered = Object.values(filter).some((wanted) => wanted !== undefined);
      if (!isFiltered) return deadLetters.list(most).map(recordOf);
      const named = {
        service: namedEntries(entries, filter.service),
        entry: namedEntries(entries, filter.entry),
      };
      const meant = deadLetters.list().filter((letter) => isMeant(letter, filter, named));
      return meant.slice(0, most).map(recordOf);
    },
    counts: () => deadLetters.counts(),
    show(id) {
      const letter = deadLetters.find(id);
      return letter && detailOf(letter);
    },
    plan,
    command: ({ type, letters }) => (type === 'retry' ? retry(letters) : drop(letters)),
  };
}

function recordOf(letter: StoredSummary): LetterRecord {
  const { id, service, label, key, reason, attempts, first, last, retrying, isOvertaken } = letter;
  const isRetrying = retrying !== undefined;
  return { id, service, label, key: key ?? null, reason, attempts, first, last, isRetrying, isOvertaken };
}

function detailOf(letter: StoredLetter): LetterDetail {
  const { run, chunk, place, stack, retries, text } = letter;
  const payload: unknown = JSON.parse(text);
  return {
    ...recordOf(letter),
    run,
    chunk: chunk ?? null,
    queue: place?.queue ?? null,
    job: place?.job ?? null,
    grade: place?.grade ?? null,
    stack: stack ?? null,
    retries,
    refusal: refusalOf(letter) ?? null,
    payload,
  };
}

function nothing(ids: readonly number[]): CommandAnswer {
  const [id] = ids;
  const who =
    ids.length === 1 ? `there is no dead letter ${id}` : 'none of these dead letters is there any more';
  return refusal(who, './run.sh failed list shows what there is');
}

function refusal(message: string, hint: string): CommandAnswer {
  return { done: false, message, hint, mistaken: true };
}

function counted(count: number): string {
  return count === 1 ? '1 dead letter' : `${count} dead letters`;
}
