import { formatTimestamp, type EpochSeconds } from '../model/time.ts';

const days = new Map<number, string>();
const two = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** The form of every moment in an answer: `2026-07-09T23:27:00+00:00`. Days are kept: pages hold thousands of moments. */
export function apiTime(second: EpochSeconds): string {
  const day = Math.floor(second / 86_400);
  let date = days.get(day);
  if (date === undefined) days.set(day, (date = formatTimestamp(day * 86_400).slice(0, 11)));
  const rest = second - day * 86_400;
  return `${date}${two[Math.floor(rest / 3600)]}:${two[Math.floor(rest / 60) % 60]}:${two[rest % 60]}+00:00`;
}
