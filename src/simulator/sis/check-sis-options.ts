import { SettingError } from '../../model/errors.ts';
import { atLeastZero, whole } from '../option-numbers.ts';
import type { SisOptions } from './options.ts';

/** Up to here it was tried. */
const mostEntities = 10_000_000;

/** Throws SettingError for an option that cannot be. */
export function checkSisOptions(options: SisOptions): void {
  const { entities = 0 } = options;
  const sizes = typeof entities === 'number' ? { entities } : entities;
  for (const [name, size] of Object.entries(sizes)) whole(name, size, 0, mostEntities);
  whole('port', options.port ?? 0, 0, 65_535);
  whole('publicPort', options.publicPort ?? 0, 0, 65_535);
  whole('poison', options.poison ?? 0, 0, mostEntities);
  whole('shortPages', options.shortPages ?? 0, 0, mostEntities);
  whole('emptyPages', options.emptyPages ?? 0, 0, mostEntities);
  atLeastZero('latencyMs', options.latencyMs ?? 0);
  atLeastZero('lateMs', options.lateMs ?? 0);
  atLeastZero('changesPerSecond', options.changesPerSecond ?? 0);
  checkZone(options.timeZone ?? 'UTC');
}

function checkZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('sv-SE', { timeZone }).format(0);
  } catch (cause) {
    throw new SettingError(`timeZone "${timeZone}" is not known`, 'For example Europe/Helsinki.', cause);
  }
}
