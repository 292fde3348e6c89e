import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** Unix socket paths end at 104 bytes on some systems and 108 on others; beyond this a private temporary folder is used (S22). */
const longestPath = 100;

export interface SocketPath {
  readonly path: string;
  /** A folder to make first, mode 0700; undefined when the socket lies in the state folder itself. */
  readonly folder: string | undefined;
  /** The user's number, whom that folder must belong to. */
  readonly user: number;
}

/** Where the control socket of a state folder is. The same folder gives the same path to every process of the user. */
export function socketPath(stateFolder: string, temporary: string, user: number): SocketPath {
  const path = join(resolve(stateFolder), 'control.sock');
  if (Buffer.byteLength(path) <= longestPath) return { path, folder: undefined, user };
  const name = createHash('sha256').update(path).digest('hex').slice(0, 16);
  const folder = join(temporary, `sluice-${user}-${name}`);
  return { path: join(folder, 'control.sock'), folder, user };
}
