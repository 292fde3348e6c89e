import { SettingError } from '../model/errors.ts';

/** @throws SettingError when a command names no entry */
export function requireEntry(name: string | undefined, usage: string): string {
  if (name !== undefined && name !== '') return name;
  throw new SettingError(`expected: ${usage}`, 'ENTRY is an id as ./run.sh status prints it');
}
