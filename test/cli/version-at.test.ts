import { describe, expect, test } from 'vitest';
import { versionAt } from '../../src/cli/version-at.ts';
import type { GenerationReport } from '../../src/model/commands.ts';

/** Writes, the newest first, as `[number, hour]`. */
const writes = (...kept: readonly (readonly [number, number])[]): GenerationReport[] =>
  kept.map(([number, hour]) => ({
    number,
    time: `2026-11-21T${String(hour).padStart(2, '0')}:00:00Z`,
    by: 'run',
    run: 'r1',
    changes: [],
  }));
const at = (hour: string): string => `2026-11-21T${hour}:00Z`;

describe('what was in force at a time', () => {
  const whole = writes([3, 12], [2, 10], [1, 8]);

  test.each([
    ['07:00', 1],
    ['08:00', 1],
    ['08:01', 2],
    ['11:59', 3],
    ['12:00', 3],
  ])('at %s is what write %i replaced', (hour, number) => {
    expect(versionAt(whole, at(hour)).number).toBe(number);
    expect(versionAt(whole, at(hour)).said).toMatch(
      new RegExp(`^write ${number}, of .*, was the first after that$`),
    );
  });

  test('after the last write is in force still', () => {
    expect(() => versionAt(whole, at('12:01'))).toThrow('nothing was written since');
    expect(() => versionAt([], at('12:01'))).toThrow('nothing was written since');
  });

  test.each(['noon', '', '2026-02-30T10:00:00Z'])('"%s" is no time', (time) => {
    expect(() => versionAt(whole, time)).toThrow('is no time');
  });

  test('where versions in between are not kept is said not to be all of it', () => {
    const thinned = writes([60, 12], [59, 11], [12, 8], [7, 3]);
    expect(versionAt(thinned, at('10:00'))).toEqual({
      number: 59,
      said:
        'write 59, of 2026-11-21T11:00:00Z, is the first after that of which the version before is kept: ' +
        'its cursors may be those of a later time',
    });
    expect(versionAt(thinned, at('07:00')).said).toContain('may be those of a later time');
    expect(versionAt(thinned, at('11:30')).said).toContain('was the first after that');
    expect(() => versionAt(thinned, at('02:00'))).toThrow(
      'the versions before 2026-11-21T03:00:00Z are not kept any more',
    );
  });

  test('before the very first write is known where that one is kept', () => {
    expect(versionAt(writes([9, 9], [1, 8]), at('01:00')).said).toContain('was the first after that');
  });
});
