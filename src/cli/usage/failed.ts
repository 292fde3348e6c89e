import type { Usage } from './usage.ts';

export const failedUsage = {
  does: 'The records that nobody could deliver: lists them, shows one, publishes them again and waits for what becomes of them, or forgets them.',
  forms: [
    'failed [list] [FILTER...]',
    'failed show ID',
    'failed retry ID... | FILTER... | --all [--yes]',
    'failed drop ID... | FILTER... | --all [--yes]',
  ],
  words: [
    ['ID', 'a number as ./run.sh failed list prints it'],
    ['FILTER', 'one or more of the next four; all that are given must hold'],
  ],
  options: {
    service: { type: 'string', value: 'SERVICE', says: 'records of this service: PERSON' },
    entry: {
      type: 'string',
      value: 'ENTRY',
      says: 'records of this entry: an id, a list, a service or a group',
    },
    reason: { type: 'string', value: 'TEXT', says: 'TEXT occurs in the reason; capitals make no difference' },
    since: {
      type: 'string',
      value: 'TIME',
      says: 'died then or later: how long ago (90m, 12h, 3d), or UTC (2026-11-21 or 2026-11-21T10:00:00Z)',
    },
    all: { type: 'boolean', default: false, says: 'retry, drop: every one there is' },
    yes: { type: 'boolean', short: 'y', default: false, says: 'retry, drop: ask nothing' },
  },
  notes: [
    'retry waits for consumers at most confirm_wait_seconds (60 s). Exit code 0 when all were delivered, 1 when not.',
  ],
  examples: [
    ['failed list --service PERSON --since 3d', ''],
    ['failed retry 12 13', ''],
    ['failed drop --reason "has no id" --yes', ''],
  ],
} as const satisfies Usage;
