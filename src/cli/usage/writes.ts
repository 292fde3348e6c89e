import { settableFields } from '../../state/field-values.ts';
import type { Described, Usage } from './usage.ts';

// Commands that write the state file for a person.

/** What all of them take. */
export const writeArguments = {
  yes: { type: 'boolean', short: 'y', default: false, says: 'ask nothing' },
} as const;

const all = { type: 'boolean', default: false } as const;
const entry: Described = ['ENTRY', 'an id as ./run.sh status prints it'];

export const setUsage = {
  does: 'Writes fields of an entry into state/state.json, all of them or none. Asks first where that has a price.',
  forms: ['set ENTRY field=value... [OPTION...]'],
  words: [
    entry,
    ['field', settableFields.join(', ')],
    ['value', 'as in the file, without its quotes; null for none'],
  ],
  options: writeArguments,
  examples: [
    ['set 1a2d worker_count=8', ''],
    ['set PERSON latest_ordinal=120000 --yes', 'reads again what came after that'],
    ['set 1a2d "schedule=30 3 * * *"', 'every day at 3:30'],
  ],
} as const satisfies Usage;

export const resetUsage = {
  does: 'Lets the next run of an entry read everything again. Says what that costs and asks first.',
  forms: ['reset ENTRY [OPTION...]'],
  words: [entry],
  options: writeArguments,
  examples: [['reset 1a2d', '']],
} as const satisfies Usage;

export const pauseUsage = {
  does: 'Starts no run of the entries any more, also after a restart; a run that is on comes to rest.',
  forms: ['pause ENTRY... [OPTION...]', 'pause --all [OPTION...]'],
  words: [entry],
  options: { all: { ...all, says: 'every entry' }, ...writeArguments },
  examples: [
    ['pause 1a2d PERSON', ''],
    ['pause --all', ''],
  ],
} as const satisfies Usage;

export const resumeUsage = {
  does: 'Lets entries that were paused go on where they were.',
  forms: ['resume ENTRY... [OPTION...]', 'resume --all [OPTION...]'],
  words: [entry],
  options: { all: { ...all, says: 'every entry' }, ...writeArguments },
  examples: [['resume 1a2d', '']],
} as const satisfies Usage;

export const undoUsage = {
  does: 'Lists what was written into state/state.json, newest first, or puts the file back as it was before one of these writes. Says what that costs and asks first.',
  forms: ['undo [OPTION...]', 'undo N [OPTION...]', 'undo --to TIME [OPTION...]'],
  words: [['N', 'the number of a write as undo lists it']],
  options: {
    ...writeArguments,
    to: { type: 'string', value: 'TIME', says: 'as it was then, UTC: 2026-11-21T10:00:00Z' },
  },
  examples: [
    ['undo', 'what there is to undo'],
    ['undo 12', ''],
  ],
} as const satisfies Usage;
