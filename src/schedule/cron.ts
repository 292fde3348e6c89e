import { Cron } from 'croner';
import { SettingError } from '../model/errors.ts';

/** The time zone of a `schedule` whose entry names none. */
export const defaultZone = 'UTC';

/**
 * The first time a schedule fires strictly after `after` (epoch milliseconds), or undefined when it never does again.
 * A fixed time inside the hour that a clock skips fires at the end of the gap, one inside the hour that comes twice
 * fires once, and an hourly pattern fires in both (apis.md 8).
 * @throws SettingError when the text is no cron expression or the zone is unknown.
 */
export function nextFire(schedule: string, zone: string | undefined, after: number): number | undefined {
  try {
    return next(schedule, zone, new Date(after))?.getTime();
  } catch (error) {
    throw new SettingError(
      `schedule "${schedule}" cannot be read: ${reasonOf(error)}`,
      'write five fields such as "0 * * * *" for every full hour, and a zone such as "Europe/Helsinki"',
      error,
    );
  }
}

/** Why a schedule in its zone cannot be followed, or undefined when it can. */
export function scheduleProblem(schedule: string, zone: string | undefined): string | undefined {
  try {
    return next(schedule, zone) === null ? 'it never comes true' : undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

// Not only the constructor throws: an unknown zone comes to light when a time is asked for.
function next(schedule: string, zone = defaultZone, after?: Date): Date | null {
  return new Cron(schedule, { timezone: zone, paused: true }).nextRun(after);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
