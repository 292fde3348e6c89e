const hour = 3_600_000;

/**
 * Writes moments (epoch milliseconds) as SISU does: `2022-10-13T10:52:26.619676`, local and without a zone. Which zone it
 * is no document says, so it is a choice of the simulator's user.
 */
export function createLocalTime(timeZone: string): (ms: number) => string {
  const offsetAt = timeZone === 'UTC' ? () => 0 : createOffsets(timeZone);
  return (ms) => `${new Date(ms + offsetAt(ms)).toISOString().slice(0, -1)}000`;
}

/** How far a zone is ahead of UTC, in milliseconds. Kept by the hour, as entities are many and zones change at full hours. */
function createOffsets(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const offsets = new Map<number, number>();
  return (ms) => {
    const began = Math.floor(ms / hour) * hour;
    let offset = offsets.get(began);
    if (offset === undefined) {
      offset = Date.parse(`${format.format(began).replace(' ', 'T')}Z`) - began;
      offsets.set(began, offset);
    }
    return offset;
  };
}
