import { describe, expect, test } from 'vitest';
import { withEnvFile } from '../../src/state/env-file.ts';
import { defaultSettings, readSettings } from '../../src/state/settings.ts';

const shown = (
  problems: readonly { file: string; line: number; column: number; message: string }[],
): string[] => problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);

describe('settings (S21)', () => {
  test('have defaults', () => {
    expect(readSettings(undefined, {})).toEqual({ settings: defaultSettings, problems: [], warnings: [] });
    expect(defaultSettings).toEqual({
      parallel_entries: 4,
      drain_seconds: 10,
      overlap_seconds: 60,
      confirm_wait_seconds: 60,
      max_waiting_jobs: 10_000,
      max_unconfirmed_mb: 64,
      ordinal_overlap_seconds: 600,
      consume: '',
    });
  });

  test('come from the file, and the environment overrides it', () => {
    const text = '{ // mine\n "parallel_entries": 8, "drain_seconds": 3, }';
    const { settings, problems } = readSettings(text, {
      SLUICE_DRAIN_SECONDS: '5',
      SLUICE_STATE: '/x',
      PATH: 'y',
    });
    expect(settings).toEqual({ ...defaultSettings, parallel_entries: 8, drain_seconds: 5 });
    expect(problems).toEqual([]);
  });

  test('an empty variable is none', () => {
    expect(readSettings('{"drain_seconds": 3}', { SLUICE_DRAIN_SECONDS: '' }).settings.drain_seconds).toBe(3);
  });

  test('a wrong value is told with its place and leaves the last good one in force', () => {
    const lastGood = { ...defaultSettings, parallel_entries: 7, drain_seconds: 20 };
    const { settings, problems } = readSettings(
      '{\n "parallel_entries": "8",\n "overlap_seconds": 1,\n "max_waiting_jobs": 5\n}',
      { SLUICE_DRAIN_SECONDS: 'soon' },
      lastGood,
    );
    expect(settings).toEqual({ ...lastGood, max_waiting_jobs: 5 });
    expect(shown(problems)).toEqual([
      'settings.json:2:22 "parallel_entries" must be a whole number from 1 to 100',
      'settings.json:3:21 "overlap_seconds" must be a whole number from 2 to 86400',
      'SLUICE_DRAIN_SECONDS:1:1 SLUICE_DRAIN_SECONDS must be a whole number from 0 to 3600',
    ]);
  });

  test('a file that cannot be read leaves the last good settings in force', () => {
    const lastGood = { ...defaultSettings, parallel_entries: 7 };
    const { settings, problems } = readSettings(
      '{"drain_seconds": 3',
      { SLUICE_OVERLAP_SECONDS: '90' },
      lastGood,
    );
    expect(settings).toEqual({ ...lastGood, overlap_seconds: 90 });
    expect(problems).toHaveLength(1);
    expect(readSettings('', {}, lastGood).settings).toEqual(lastGood);
    expect(readSettings('[]', {}, lastGood).settings).toEqual(lastGood);
  });

  test('typos are pointed out', () => {
    const { warnings, problems } = readSettings(
      '{"$schema": "x", "paralel_entries": 8, "colour": "red", "drain_seconds": 1, "drain_seconds": 2}',
      { SLUICE_DRAIN_SECOND: '3', SLUICE_LOCK: '1' },
    );
    expect(shown(warnings)).toEqual([
      'settings.json:1:18 unknown setting "paralel_entries": did you mean "parallel_entries"?',
      'settings.json:1:40 unknown setting "colour"',
      'SLUICE_DRAIN_SECOND:1:1 unknown variable SLUICE_DRAIN_SECOND: did you mean SLUICE_DRAIN_SECONDS?',
    ]);
    expect(shown(problems)).toEqual([
      'settings.json:1:77 "drain_seconds" is written twice: remove one of them',
    ]);
  });
});

test('a .env file adds to the environment, and the real one wins', () => {
  const text = '\uFEFFexport A=1\r\n# remark\r\nB="x # y" # z\nC=\'$A `rm`\'\nD=file\nE=\n';
  expect(withEnvFile(text, { D: 'real', F: 'other' })).toEqual({
    A: '1',
    B: 'x # y',
    C: '$A `rm`',
    D: 'real',
    E: '',
    F: 'other',
  });
});
