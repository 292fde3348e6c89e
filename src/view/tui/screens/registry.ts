import type { ScreenPart } from './contract.ts';
import { dead } from './dead.ts';
import { entries } from './entries.ts';
import { entry } from './entry.ts';
import { help } from './help.ts';
import { letter } from './letter.ts';
import { log } from './log.ts';
import { queues } from './queues.ts';
import { runs } from './runs.ts';

/** Every screen; the first one is where it starts. */
export const screens: readonly [ScreenPart, ...ScreenPart[]] = [
  entries,
  entry,
  queues,
  runs,
  dead,
  letter,
  log,
  help,
];

export function screenOf(id: string): ScreenPart {
  return screens.find((screen) => screen.id === id) ?? screens[0];
}
