import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { makePrivate } from './private-folder.ts';
import type { SocketPath } from './socket-path.ts';

/** Shorter than the socket's own name, so that wherever that fits this does (S22). */
const hidden = '.ctl';

/**
 * Listens on a socket that is its owner's alone from the first moment on: it is made in a folder that nobody else can
 * look into, and moved to its place when it has its mode. A dead one that lies there is replaced.
 * @throws SettingError when the private folder is somebody else's, or what listening throws
 */
export async function listenPrivately(server: Server, at: SocketPath): Promise<void> {
  if (at.folder !== undefined) makePrivate(at.folder, at.user);
  const folder = join(dirname(at.path), hidden);
  const made = join(folder, 's');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(made, resolve);
    });
    chmodSync(made, 0o600);
    renameSync(made, at.path);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
