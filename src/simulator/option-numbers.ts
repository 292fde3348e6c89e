import { SettingError } from '../model/errors.ts';

/** Throws SettingError unless `value` is a whole number from `least` to `most`. */
export function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const expected = `a whole number from ${least} to ${most}`;
  throw new SettingError(`${name} cannot be ${value}`, `The simulator expects ${expected}.`);
}

/** Throws SettingError unless `value` is a number, 0 or more. */
export function atLeastZero(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new SettingError(`${name} cannot be ${value}`, 'The simulator expects a number, 0 or more.');
}
