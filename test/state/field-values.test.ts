import { describe, expect, test } from 'vitest';
import { SettingError } from '../../src/model/errors.ts';
import { fieldValue, readAssignment, settableFields } from '../../src/state/field-values.ts';

describe('field=value', () => {
  test.each([
    ['worker_count=8', ['worker_count', 8]],
    ['paused=true', ['paused', true]],
    ['latest_timestamp=null', ['latest_timestamp', null]],
    ['latest_timestamp=2026-11-21 10:00', ['latest_timestamp', '2026-11-21T10:00:00Z']],
    ['latest_timestamp="2026-11-21T10:00:00+02:00"', ['latest_timestamp', '2026-11-21T08:00:00Z']],
    ['latest_ordinal=248119004', ['latest_ordinal', 248_119_004]],
    ['latest_ordinal={"PERSON":0}', ['latest_ordinal', { PERSON: 0 }]],
    // Ids of lists that look like numbers or words of JSON.
    ['list_id=123456', ['list_id', '123456']],
    ['list_id=1e5', ['list_id', '1e5']],
    ['account=true', ['account', 'true']],
    ['id="null"', ['id', 'null']],
    ['schedule=0 3 * * *', ['schedule', '0 3 * * *']],
    ['id=a=b', ['id', 'a=b']],
  ])('%s', (text, expected) => {
    expect(readAssignment(text)).toEqual(expected);
  });

  test.each([
    ['worker_count=0', '"worker_count" must be a whole number from 1 to 100, found 0'],
    ['worker_count=many', '"worker_count" must be a whole number from 1 to 100, found "many"'],
    ['worker_count=null', '"worker_count" must be a whole number from 1 to 100, found null'],
    ['account=null', '"account" must be text of letters, digits and _, found null'],
    ['latest_timestamp=yesterday', '"latest_timestamp" must be a UTC time like'],
    ['latest_ordinal=9007199254740993', '"latest_ordinal" must be a whole number'],
    ['latest_ordinal=-1', '"latest_ordinal" must be a whole number'],
    ['timezone=Mars/Base', '"timezone" must be a time zone like'],
    ['total_updates=5', '"total_updates" is what the last run reported'],
    ['elapsed_seconds=5', '"elapsed_seconds" is what the last run reported'],
    ['worker_cuont=5', 'there is no field "worker_cuont"; did you mean "worker_count"?'],
    ['__proto__=5', 'there is no field "__proto__"'],
    ['constructor=5', 'there is no field "constructor"'],
    ['schedule=', '"schedule" has no value'],
    ['=5', '"=5" is no field with a value'],
    ['worker_count', '"worker_count" is no field with a value'],
  ])('%s is refused', (text, message) => {
    expect(() => readAssignment(text)).toThrow(SettingError);
    expect(() => readAssignment(text)).toThrow(message);
  });
});

test('a value that comes another way is judged alike', () => {
  expect(fieldValue('worker_count', 3)).toBe(3);
  expect(() => fieldValue('worker_count', 3.5)).toThrow('"worker_count" must be');
  expect(() => fieldValue('total_updates', 3)).toThrow(SettingError);
  expect(settableFields).not.toContain('elapsed_seconds');
});
