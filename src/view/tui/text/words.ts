import { count } from '../../format.ts';

/** 7240 as `7.2k`, so that numbers keep their width. */
export function shortCount(value: number): string {
  const whole = Math.max(0, value);
  if (whole < 1000) return String(Math.round(whole));
  if (whole < 999_500) return `${(whole / 1000).toFixed(whole < 99_950 ? 1 : 0)}k`;
  return `${(whole / 1_000_000).toFixed(whole < 99_950_000 ? 1 : 0)}M`;
}

/** A number a second: `850/s`, `1.2k/s`, `0.4/s`. */
export function perSecond(rate: number): string {
  const safe = Number.isFinite(rate) ? Math.max(0, rate) : 0;
  return `${safe > 0 && safe < 10 ? safe.toFixed(1) : shortCount(safe)}/s`;
}

/** Seconds that are left, as a clock counts down: `0:03`, `12:40`, `3:04:00`. */
export function timeLeft(left: number): string {
  const whole = Math.max(0, Math.ceil(left));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/**
 * Until something that is not urgent, in steps of ten seconds: a number that moves every second draws the eye and costs
 * a frame a second for nothing.
 */
export function countdown(ms: number): string {
  const left = Math.ceil(ms / 1000);
  if (left <= 0) return 'now';
  if (left < 120) return `in ${Math.ceil(left / 10) * 10} s`;
  return `in ${Math.ceil(left / 60)} min`;
}

/** How long ago: `just now`, `51 min ago`, `2 h ago`, `Tue 18:02`, `2026-11-03`. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return dayAndTime(at, now);
}

/** When something comes: `now`, `in 40 s`, `11:00`, `Tue 11:00`. */
export function upcoming(at: number, now: number): string {
  if (at - now < 120_000) return countdown(at - now);
  return at - now < 24 * 3_600_000 ? hoursAndMinutes(at) : dayAndTime(at, now);
}

/** `10:51:16`, local time. */
export function clockTime(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `10:51:16`, with its day when that is another one than today's. */
export function clockTimeAndDay(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? clockTime(at) : dayAndTime(at, now);
}

/** Milliseconds as seconds of a human measure: `0.21 s`, `12 s`. */
export function seconds(ms: number): string {
  const value = Math.max(0, ms) / 1000;
  if (value < 10) return `${value.toFixed(value < 1 ? 2 : 1)} s`;
  return `${count(value)} s`;
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

function dayAndTime(at: number, now: number): string {
  const date = new Date(at);
  if (Math.abs(now - at) < 6 * 86_400_000) return `${days[date.getDay()] ?? ''} ${hoursAndMinutes(at)}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function hoursAndMinutes(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
