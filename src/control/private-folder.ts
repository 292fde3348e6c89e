import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { SettingError } from '../model/errors.ts';

/** Makes a folder for this user alone. @throws SettingError when there is something of somebody else's in its place */
export function makePrivate(folder: string, user: number): void {
  if (!isPrivate(folder, user)) mkdirSync(folder, { mode: 0o700 });
  isPrivate(folder, user);
  chmodSync(folder, 0o700);
}

/**
 * Whether the folder is there. In a shared temporary folder somebody else may have been first, with a folder that they
 * can look into or with a link that leads elsewhere. @throws SettingError when it is not the user's own
 */
export function isPrivate(folder: string, user: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isDirectory() && found.uid === user) return true;
  throw new SettingError(
    `${folder} ${found.isDirectory() ? 'belongs to somebody else' : 'is not a folder'}`,
    'remove it, or give the state folder a shorter path, so that its control socket fits there',
  );
}
