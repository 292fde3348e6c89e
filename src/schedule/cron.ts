import { Cron } from 'croner';
import { SettingError } from '../model/errors.ts';

/** The time zone of a `schedule` whose entry names none. */
export const defaultZone = 'UTC';

/**
 * The first time a schedule fires strictly after `after` (epoch milliseconds), or undefined when it never does again.
 * In the hour that a clock skips, croner fires at the end of the gap; in the hour that comes twice, once (apis.md 8).
 * @throws SettingError when the text is no cron expression or the zone is unknown.
 */
export function nextFire(schedule: string, zone: string | undefined, after: number): number | undefined {
  return parse(schedule, zone ?? defaultZone)
    .nextRun(new Date(after))
    ?.getTime();
}

/** What is wrong with a schedule and its zone, or undefined when nothing is. */
export function scheduleProblem(schedule: string, zone: string | undefined): string | undefined {
  try {
    parse(schedule, zone ?? defaultZone).nextRun();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function parse(schedule: string, zone: string): Cron {
  try {
    return new Cron(schedule, { timezone: zone, paused: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingError(
      `schedule "${schedule}" cannot be read: ${reason}`,
      'write five fields such as "0 * * * *" for every full hour',
      error,
    );
  }
}
