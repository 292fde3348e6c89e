import type { Usage } from './usage.ts';

/** The greatest `--concurrency`. */
export const greatestConcurrency = 100;

export const consumeUsage = {
  does: 'Takes the jobs of a queue and stores what is in them, until it is stopped. As many of these processes as wanted may work on one queue.',
  forms: ['consume QUEUE --to TARGET [OPTION...]'],
  words: [['QUEUE', 'a queue as ./run.sh queues lists it; QUEUE_URL or REDIS_URL say where it is']],
  options: {
    to: {
      type: 'string',
      value: 'TARGET',
      says: 'postgres://user@host/database, ndjson:FILE or module:FILE; else what CONSUME_TO says',
    },
    concurrency: {
      type: 'string',
      value: 'N',
      default: '1',
      says: `how many jobs this process works on at once, 1 to ${greatestConcurrency}`,
    },
  },
  notes: [
    'A queue on embedded: is inside the controller: there the setting "consume" in state/settings.json names the queue.',
  ],
  examples: [
    ['consume importer-queue --to postgres://sisu@localhost/sisu', 'a table for each service'],
    ['consume importer-queue --to ndjson:people.ndjson', 'a line for each record'],
  ],
} as const satisfies Usage;
