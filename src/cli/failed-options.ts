import { SettingError } from '../model/errors.ts';
import type { LetterFilter } from '../model/letters.ts';
import { parseTimestamp } from '../model/time.ts';

export interface FilterOptions {
  readonly service?: string | undefined;
  readonly entry?: string | undefined;
  readonly reason?: string | undefined;
  readonly since?: string | undefined;
}

/** @param now epoch milliseconds @throws SettingError for a time that is none */
export function readFilter({ service, entry, reason, since }: FilterOptions, now: number): LetterFilter {
  return { service, entry, reason, since: since === undefined ? undefined : readSince(since, now) };
}

export function isFiltered(options: FilterOptions): boolean {
  return [options.service, options.entry, options.reason, options.since].some((one) => one !== undefined);
}

/** @throws SettingError when a word is no id of a dead letter */
export function readIds(words: readonly string[]): readonly number[] {
  return words.map((word) => {
    if (/^[1-9]\d{0,14}$/.test(word)) return Number(word);
    throw new SettingError(
      `"${word}" is no dead letter`,
      'expected: a number, as ./run.sh failed list prints it',
    );
  });
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `2026-11-21T10:00:00Z`, a day, or how long ago: `90m`, `12h`, `3d`. */
function readSince(text: string, now: number): number {
  const [, amount, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * (unitMs[unit] ?? 0);
  const seconds = parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text);
  if (seconds !== undefined) return seconds * 1000;
  throw new SettingError(
    `--since ${text} is no time`,
    'expected UTC like 2026-11-21T10:00:00Z or 2026-11-21, or how long ago: 90m, 12h, 3d',
  );
}
