import type { CommandAnswer } from '../../../src/model/commands.ts';
import type { LetterBook, LetterCommand, LetterDetail, LetterPlan } from '../../../src/model/letters.ts';

/** Dead letters that nobody keeps: what was done with them is written down. */
export interface TestLetterBook extends LetterBook {
  readonly commands: LetterCommand[];
  plan: (ids: readonly number[]) => LetterPlan;
}

const base = {
  service: 'PERSON',
  label: 'service "PERSON"',
  run: 'r0123456789a',
  queue: 'importer-queue',
  job: 'ORI_PERSON_CHANNEL',
  grade: 'processed',
  stack: null,
  retries: 0,
  refusal: null,
  isRetrying: false,
  isOvertaken: false,
} as const;

const minute = 60_000;

/** Four letters, newest first, around a moment. */
export function lettersAt(now: number): readonly LetterDetail[] {
  return [
    {
      ...base,
      id: 4,
      key: 'otm-4711',
      reason: 'TypeError: metadata is missing',
      attempts: 3,
      first: now - 99 * minute,
      last: now - 97 * minute,
      chunk: 'r0123456789a-4-0-00aa11bb22cc33dd-a-b',
      payload: { id: 'otm-4711', metadata: null },
    },
    {
      ...base,
      id: 3,
      key: 'otm-1200300',
      reason:
        'value too long for type character varying(255) in column "name", which nobody expected to be that long',
      attempts: 9,
      first: now - 26 * 60 * minute,
      last: now - 98 * minute,
      chunk: 'r0123456789a-4-0-00aa11bb22cc33dd-b',
      stack:
        'error: value too long\n    at Parser.parse (/app/node_modules/pg/lib/parser.js:283:98)\n    at Socket.emit',
      retries: 2,
      isRetrying: true,
      payload: {
        id: 'otm-1200300',
        name: { fi: 'Pitka nimi '.repeat(12), en: 'Long\u001B[31m name\u202E' },
        metadata: { modificationOrdinal: 248_119_004 },
        tags: ['a', 'b'],
      },
    },
    {
      ...base,
      id: 2,
      service: 'lists',
      label: 'list "1a2d7ebf82"',
      key: null,
      reason: 'the record has no id',
      attempts: 1,
      first: now - 3 * 24 * 60 * minute,
      last: now - 3 * 24 * 60 * minute,
      chunk: null,
      refusal: 'it has no key: no consumer could tell which record it is',
      payload: { email_address: 'x@example.org' },
    },
    {
      ...base,
      id: 1,
      service: 'lists',
      label: 'list "kaupunki-日本語"',
      key: 'b642b4217b34b1e8d3bd915fc65c4452',
      reason: 'queue: a record holds something this queue cannot store (unsupported Unicode escape sequence)',
      attempts: 1,
      first: now - 9 * 24 * 60 * minute,
      last: now - 9 * 24 * 60 * minute,
      chunk: 'rba9876543210-0-0-1122334455667788',
      queue: 'lists',
      job: 'kaupunki',
      grade: 'queued',
      payload: { id: 'b642b4217b34b1e8d3bd915fc65c4452' },
    },
  ];
}

export function createLetterBook(letters: readonly LetterDetail[] = []): TestLetterBook {
  const commands: LetterCommand[] = [];
  const done: CommandAnswer = { done: true, message: 'done so' };
  return {
    commands,
    list: (_filter, most) =>
      letters
        .slice(0, most)
        .map(({ id, service, label, key, reason, attempts, first, last, isRetrying, isOvertaken }) => ({
          id,
          service,
          label,
          key,
          reason,
          attempts,
          first,
          last,
          isRetrying,
          isOvertaken,
        })),
    counts: () =>
      new Map(
        [...Map.groupBy(letters, ({ label }) => (label.includes('PERSON') ? 'b' : 'a'))].map(([key, all]) => [
          key,
          all.length,
        ]),
      ),
    show: (id) => letters.find((letter) => letter.id === id),
    plan: (ids) => ({ ids, refused: [], overtaken: 0 }),
    command(command) {
      commands.push(command);
      return done;
    },
  };
}

export function letterBookAt(now: number): TestLetterBook {
  return createLetterBook(lettersAt(now));
}
