import { SettingError } from '../model/errors.ts';
import type { MailchimpOptions } from './mailchimp-options.ts';

/** More would not fit the numbering of members. */
const mostMembers = 2_000_000;

/** Throws SettingError for an option that cannot be. */
export function checkOptions(options: MailchimpOptions): void {
  for (const [list, members] of Object.entries(options.lists ?? {})) {
    whole(`members of list "${list}"`, members, 0, mostMembers);
  }
  whole('port', options.port ?? 0, 0, 65_535);
  whole('maxConnections', options.maxConnections ?? 10, 1, 1_000_000);
  atLeastZero('latencyMs', options.latencyMs ?? 0);
  atLeastZero('changesPerSecond', options.changesPerSecond ?? 0);
  atLeastZero('departuresPerSecond', options.departuresPerSecond ?? 0);
  atLeastZero('joinsPerSecond', options.joinsPerSecond ?? 0);
}

function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const expected = `a whole number from ${least} to ${most}`;
  throw new SettingError(`${name} cannot be ${value}`, `The simulator expects ${expected}.`);
}

function atLeastZero(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new SettingError(`${name} cannot be ${value}`, 'The simulator expects a number, 0 or more.');
}
