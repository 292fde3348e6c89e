/** A moment in whole seconds since 1970 UTC: the resolution of every cursor in time. */
export type EpochSeconds = number;

/** Seconds as `YYYY-MM-DDTHH:MM:SSZ`, the only form written to a state file (S1). Years 0 to 9999. */
export function formatTimestamp(seconds: EpochSeconds): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/**
 * Reads a timestamp of a state file or an API: with `Z`, with an offset, or the old naive form, which is UTC (S1).
 * Seconds may be missing and fractions of a second are cut off. Undefined when the text is no such moment
 * (February 30th included).
 */
export function parseTimestamp(text: string): EpochSeconds | undefined {
  const start = skipSpace(text);
  // Read sign by sign, for it is done a thousand times a page: a pattern and a Date take twenty times as long.
  const year = number(text, start, 4);
  const month = number(text, start + 5, 2);
  const day = number(text, start + 8, 2);
  const hour = number(text, start + 11, 2);
  const minute = number(text, start + 14, 2);
  const isMarked =
    text.charCodeAt(start + 4) === dash &&
    text.charCodeAt(start + 7) === dash &&
    isBetween(text.charCodeAt(start + 10)) &&
    text.charCodeAt(start + 13) === colon;
  if (!isMarked || !isDay(year, month, day) || !within(hour, 23) || !within(minute, 59)) return undefined;
  let at = start + 16;
  let second = 0;
  if (text.charCodeAt(at) === colon) {
    second = number(text, at + 1, 2);
    if (!within(second, 59)) return undefined;
    at = afterFraction(text, at + 3);
  }
  const zone = zoneSeconds(text, at);
  if (Number.isNaN(zone)) return undefined;
  return daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zone;
}

const zero = 48;
const dash = 45;
const plus = 43;
const colon = 58;
const point = 46;
const space = 32;

/** The digits at [at, at + length) as a number; NaN when one of them is none. */
function number(text: string, at: number, length: number): number {
  let value = 0;
  for (let i = at; i < at + length; i += 1) {
    const digit = text.charCodeAt(i) - zero;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function within(value: number, greatest: number): boolean {
  return value >= 0 && value <= greatest;
}

function skipSpace(text: string): number {
  return text.charCodeAt(0) > space ? 0 : text.length - text.trimStart().length;
}

/** What may stand between date and time: `T`, `t` or a space. */
function isBetween(sign: number): boolean {
  return sign === 84 || sign === 116 || sign === space;
}

/** Where the text goes on after `.` and at least one digit; a point without a digit is left for the zone to refuse. */
function afterFraction(text: string, at: number): number {
  if (text.charCodeAt(at) !== point) return at;
  let end = at + 1;
  while (number(text, end, 1) >= 0) end += 1;
  return end === at + 1 ? at : end;
}

/** The rest of the text as an offset from UTC in seconds: nothing, `Z`, `+HH:MM` or `+HHMM`; NaN when it is none of these. */
function zoneSeconds(text: string, at: number): number {
  const end = endOf(text);
  const sign = text.charCodeAt(at);
  if (at === end) return 0;
  if ((sign === 90 || sign === 122) && at + 1 === end) return 0;
  if (sign !== plus && sign !== dash) return Number.NaN;
  const minutesAt = text.charCodeAt(at + 3) === colon ? at + 4 : at + 3;
  const hours = number(text, at + 1, 2);
  const minutes = number(text, minutesAt, 2);
  if (minutesAt + 2 !== end || !within(hours, 23) || !within(minutes, 59)) return Number.NaN;
  return (sign === dash ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function endOf(text: string): number {
  return text.charCodeAt(text.length - 1) > space ? text.length : text.trimEnd().length;
}

const daysBefore = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

function isDay(year: number, month: number, day: number): boolean {
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1)) return false;
  const length = (daysBefore[month + 1] ?? 0) - (daysBefore[month] ?? 0);
  return day <= (month === 2 && isLeap(year) ? 29 : length);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days of the Gregorian calendar; year 0 is a leap year, as in ISO 8601. */
function daysSince1970(year: number, month: number, day: number): number {
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const thisYear = (daysBefore[month] ?? 0) + (month > 2 && isLeap(year) ? 1 : 0);
  // 477 leap days before 1970.
  return (year - 1970) * 365 + leapDays - 477 + thisYear + day - 1;
}
