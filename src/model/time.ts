/** A moment in whole seconds since 1970 UTC: the resolution of every cursor in time. */
export type EpochSeconds = number;

/** Seconds as `YYYY-MM-DDTHH:MM:SSZ`, the only form written to a state file (S1). */
export function formatTimestamp(seconds: EpochSeconds): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

const timestampPattern =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Reads a timestamp of a state file or an API: with `Z`, with an offset, or the old naive form, which is UTC (S1).
 * Fractions of a second are cut off. Undefined when the text is no such moment (February 30th included).
 */
export function parseTimestamp(text: string): EpochSeconds | undefined {
  const match = timestampPattern.exec(text.trim());
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = '00', zone = 'Z'] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const asUtc = new Date(`${local}Z`);
  // Date rolls February 30th over to March; what does not read back unchanged was no date.
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString().slice(0, 19) !== local) return undefined;
  return Math.floor(asUtc.getTime() / 1000) - zoneSeconds(zone);
}

function zoneSeconds(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.replace(':', '');
  return sign * (Number(digits.slice(1, 3)) * 3600 + Number(digits.slice(3, 5)) * 60);
}
