import type { LogLine } from '../state/log-ring.ts';
import type { Line, Tone } from './line.ts';
import { clockTime } from './words.ts';

/** A line of the log as the screen shows it: time, level where it matters, text. */
export function logLine({ at, level, text }: LogLine, width: number): Line {
  const tone = tones[level];
  const word = level === 'INFO' ? [] : [{ text: `${level} `, tone }];
  const time = width < 50 ? [] : [{ text: `${clockTime(at)}  `, tone: 'dim' as const }];
  return [{ text: ' ', tone: 'plain' }, ...time, ...word, { text, tone: level === 'INFO' ? 'plain' : tone }];
}

/** The same as one would write it down. */
export function logText({ at, level, topic, text }: LogLine): string {
  return `${clockTime(at)} ${level} |${topic}| ${text}`;
}

const tones: Readonly<Record<LogLine['level'], Tone>> = { INFO: 'plain', WARN: 'warn', ERROR: 'bad' };
