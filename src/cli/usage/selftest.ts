import { rangedKills } from '../selftest/points.ts';
import type { Usage } from './usage.ts';

export const selftestUsage = {
  does: 'Kills the program at every step that matters, on this disk and queue, lets it go on, and counts what was lost. In a state folder and queues of its own, which are gone afterwards.',
  forms: ['selftest [OPTION...]'],
  options: {
    kills: {
      type: 'string',
      value: 'N',
      default: String(rangedKills.length),
      says: `how many kills, 1 to ${rangedKills.length}, spread over all steps; it takes less than two minutes`,
    },
  },
  notes: ['Exit code 0 when nothing was lost.'],
  examples: [
    ['selftest', ''],
    ['selftest --kills 5', 'a quick look'],
  ],
} as const satisfies Usage;
