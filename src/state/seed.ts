import { lstat, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from './disk-error.ts';
import { hasCode, realDisk } from './disk.ts';

export interface Seeded {
  /** Names of the files that were written, in order. */
  readonly written: readonly string[];
}

const schemas = ['state.schema.json', 'settings.schema.json'];

/**
 * Makes a state folder usable (S23): creates it, puts `state.example.json` and the schemas there, renews a schema that is
 * of another version, and copies the example to `state.json` in a folder that was never used. One with a `sluice.db` or
 * `generations/` but no `state.json` was used: somebody removed the file, and nothing is invented in its place.
 * `copies` is the folder that holds the originals. Throws StateError.
 */
export async function seedStateFolder(folder: string, copies: string): Promise<Seeded> {
  const written: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    const example = await readFile(join(copies, 'state.example.json'));
    if (!(await isUsed(folder))) {
      await writeWhole(folder, 'state.json', example);
      written.push('state.json');
    }
    if (!(await exists(join(folder, 'state.example.json')))) {
      await writeWhole(folder, 'state.example.json', example);
      written.push('state.example.json');
    }
    for (const name of schemas) {
      if (await renew(folder, name, await readFile(join(copies, name)))) written.push(name);
    }
    if (written.length > 0) await realDisk.syncFolder(folder);
  } catch (error) {
    throw diskError(folder, error, 'config');
  }
  return { written };
}

/** A schema is only there for editors: in a folder where it cannot be renewed, an old one does. */
async function renew(folder: string, name: string, original: Buffer): Promise<boolean> {
  const path = join(folder, name);
  if ((await exists(path)) && original.equals(await readFile(path))) return false;
  try {
    await writeWhole(folder, name, original);
    return true;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

async function isUsed(folder: string): Promise<boolean> {
  for (const name of ['state.json', 'sluice.db', 'generations']) {
    if (await exists(join(folder, name))) return true;
  }
  return false;
}

/** Also a link that leads nowhere is there: somebody put it. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Never half there, also when the process is killed in between. */
async function writeWhole(folder: string, name: string, bytes: Buffer): Promise<void> {
  const temporary = join(folder, `.${name}.seed.tmp`);
  {
    await using file = await open(temporary, 'w', 0o644);
    await file.writeFile(bytes);
    await file.sync();
  }
  await rename(temporary, join(folder, name));
}
