import type { Usage } from './usage.ts';

/** The options of commands that run a controller. */
const options = {
  once: { type: 'boolean', default: false, says: 'run what is due now, then end' },
  ascii: { type: 'boolean', default: false, says: 'signs of ASCII only on the screen' },
} as const;

export const goUsage = {
  does: 'Keeps what state/state.json names in sync: runs what is due, publishes, and writes back where it got to, until told to stop. The file may be edited meanwhile.',
  forms: ['go [OPTION...]'],
  options,
  notes: [
    'It stops by ctrl-C, q on the screen, or: touch state/controller.quit. Exit code 0 when it was stopped; with --once 1 when an entry failed or was invalid; 2 for a state file, a setting or an argument that cannot be used; 3 when another process holds the folder for 5 s.',
  ],
  examples: [
    ['go', 'with a screen, on a terminal'],
    ['go --once --plain', 'as lines, for cron: ends when what was due is done'],
  ],
} as const satisfies Usage;

export const demoUsage = {
  does: 'Does what go does, on a throw-away folder with a simulated service and the embedded queue. Touches nothing of yours.',
  forms: ['demo [OPTION...]'],
  options,
  examples: [
    ['demo', 'a look at the screen'],
    ['demo --once --plain', 'a run as lines'],
  ],
} as const satisfies Usage;
