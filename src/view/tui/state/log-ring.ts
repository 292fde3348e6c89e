import type { SluiceEvent } from '../../../model/events.ts';
import { type Level, lineOf } from '../../lines.ts';

/** A line of the log on the screen. */
export interface LogLine {
  /** Counts from 1 and names the line for as long as it is kept. */
  readonly id: number;
  readonly at: number;
  readonly level: Level;
  readonly topic: string;
  readonly text: string;
}

/** The last lines of the log; old ones go in blocks, so that keeping one costs nothing. */
export interface LogRing {
  apply(event: SluiceEvent): boolean;
  /** Oldest first. The same array while nothing was added. */
  lines(): readonly LogLine[];
}

const kept = 2000;
const block = 500;

export function createLogRing(): LogRing {
  let lines: readonly LogLine[] = [];
  let fresh: LogLine[] = [];
  let last = 0;
  return {
    apply(event) {
      const line = isIdleCheck(event) ? undefined : lineOf(event);
      if (!line) return false;
      last += 1;
      fresh.push({ id: last, at: event.at, ...line });
      if (fresh.length >= block) join();
      return true;
    },
    lines() {
      if (fresh.length > 0) join();
      return lines;
    },
  };

  function join(): void {
    const all = [...lines, ...fresh];
    lines = all.length > kept + block ? all.slice(-kept) : all;
    fresh = [];
  }
}

/** The header says when the last check was; a line a minute would push everything else away. */
function isIdleCheck(event: SluiceEvent): boolean {
  return event.type === 'controller.checked' && event.due === 0 && event.entries > 0;
}
