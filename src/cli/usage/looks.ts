import type { Usage } from './usage.ts';

// Commands that only look.

export const checkUsage = {
  does: 'Checks the state file, the settings, the queue and the sources that the entries read. Changes nothing.',
  forms: ['check [OPTION...]'],
  options: {},
  notes: [
    'Each system is given 10 s to answer. Exit code 0 when all is well, 2 when something has to be changed.',
  ],
  examples: [['check', '']],
} as const satisfies Usage;

export const statusUsage = {
  does: 'Lists the entries: state, cursor, how far a run that is on has got, last run, next run, and why one does not run.',
  forms: ['status [OPTION...]'],
  options: {},
  examples: [
    ['status', ''],
    ['status --json', 'an array, an object for each entry'],
  ],
} as const satisfies Usage;

/** The greatest `--limit`. */
export const mostRuns = 10_000;

export const historyUsage = {
  does: 'Lists the last runs, newest first: what they did and what held them up. Runs are kept for 90 days.',
  forms: ['history [ENTRY] [OPTION...]'],
  words: [['ENTRY', 'only its runs: an id as ./run.sh status prints it']],
  options: {
    limit: { type: 'string', value: 'N', default: '20', says: `how many runs, 1 to ${mostRuns}` },
  },
  examples: [
    ['history', ''],
    ['history PERSON --limit 5', ''],
  ],
} as const satisfies Usage;

export const queuesUsage = {
  does: 'Lists the queues with their jobs by state and their workers, or shows the oldest waiting jobs of one.',
  forms: ['queues [OPTION...]', 'queues peek NAME [OPTION...]'],
  words: [['NAME', 'a queue as ./run.sh queues lists it']],
  options: {},
  examples: [
    ['queues', ''],
    ['queues peek importer-queue --json', 'the waiting jobs whole; as text they are cut'],
  ],
} as const satisfies Usage;

export const versionUsage = {
  does: 'Says which Sluice this is.',
  forms: ['version [OPTION...]'],
  options: {},
  examples: [['version', '']],
} as const satisfies Usage;

export const helpUsage = {
  does: 'Lists the commands, or says how one is used: the same as COMMAND --help.',
  forms: ['help [COMMAND]'],
  words: [['COMMAND', 'one of the list']],
  options: {},
  examples: [
    ['help', ''],
    ['help history', ''],
  ],
} as const satisfies Usage;
