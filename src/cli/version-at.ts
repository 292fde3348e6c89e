import type { GenerationReport } from '../model/commands.ts';
import { SettingError } from '../model/errors.ts';
import { parseTimestamp } from '../model/time.ts';

/** A version that was in force at a moment, as far as it is kept. */
export interface VersionAt {
  /** Of the write that replaced it. */
  readonly number: number;
  /** What was chosen, for the person who asked. */
  readonly said: string;
}

/**
 * The first write after a moment: what it replaced was in force then. Writes of runs may be missing before it: then people
 * had changed nothing else by then, but its cursors may be those of a later time. Pure.
 * @param generations the newest first
 * @param time as a person wrote it
 * @throws SettingError for what is no time, and one that the versions do not reach
 */
export function versionAt(generations: readonly GenerationReport[], time: string): VersionAt {
  const wanted = parseTimestamp(time);
  if (wanted === undefined) {
    throw new SettingError(`"${time}" is no time`, 'expected UTC time like 2026-11-21T10:00:00Z');
  }
  const later = generations.filter((generation) => (parseTimestamp(generation.time) ?? 0) >= wanted);
  const first = later.at(-1);
  if (!first) throw new SettingError(`nothing was written since ${time}`, './run.sh undo lists what was');
  const before = generations[later.length];
  // What was in force before the oldest one was written is known only if there never was an older one.
  if (!before && first.number > 1) {
    throw new SettingError(
      `the versions before ${first.time} are not kept any more`,
      `the oldest one: ./run.sh undo ${first.number}`,
    );
  }
  const isNext = first.number === (before?.number ?? 0) + 1;
  const said = isNext
    ? `write ${first.number}, of ${first.time}, was the first after that`
    : `write ${first.number}, of ${first.time}, is the first after that of which the version before is kept: ` +
      'its cursors may be those of a later time';
  return { number: first.number, said };
}
