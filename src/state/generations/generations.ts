import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StateError } from '../../model/errors.ts';
import type { Emit } from '../../model/events.ts';
import type { Probe } from '../../model/probe.ts';
import { diskError } from '../disk-error.ts';
import { type Disk, hasCode, realDisk } from '../disk.ts';
import {
  type Generation,
  generationFile,
  type GenerationName,
  generationOf,
  type WriteReason,
} from './names.ts';
import { makeRoom } from './make-room.ts';
import { readGeneration } from './read.ts';

/** Keeps what is about to be replaced. */
export type Keep = (before: Buffer) => Promise<void>;

/** The earlier versions of `state.json`, byte for byte, in files of their own in `state/generations/`. */
export interface Generations {
  /** Newest first; files that are not ours are passed over. @throws StateError when the folder cannot be read */
  all(): readonly Generation[];
  /** The text of a version; undefined when there is none of that number, or it is no text any more. */
  read(number: number): string | undefined;
  /** Whether there is a version to go back to. Never throws. */
  any(): boolean;
  /**
   * For one write. Called again when a person saved in between: then the version of the first call was never replaced
   * by us, and goes. Never rejects: a version that cannot be kept is told, and stops no write.
   */
  keeper(reason: WriteReason): Keep;
  /** The same for what must not be replaced unless it is kept: rejects with a StateError. */
  strictKeeper(reason: WriteReason): Keep;
}

export interface GenerationsOptions {
  /** `state/generations`; made when the first version is kept. */
  readonly folder: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly emit: Emit;
  readonly disk?: Disk;
  readonly probe?: Probe;
}

export function createGenerations(options: GenerationsOptions): Generations {
  const { folder, now, emit, disk = realDisk, probe = () => {} } = options;
  let told: string | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** @returns the path of a new file, if one was made */
  const keep = async (before: Buffer, reason: WriteReason): Promise<string | undefined> => {
    mkdirSync(folder, { recursive: true });
    const kept = find(disk, folder);
    const [newest] = kept;
    const isSame = newest !== undefined && holds(disk, newest, before);
    const number = isSame ? newest.number : (newest?.number ?? 0) + 1;
    const name: GenerationName = { number, at: Math.floor(now() / 1000), reason };
    const path = join(folder, generationFile(name));
    // Nothing was written since it was kept, or a person took that back by hand: it is what this write replaces.
    if (isSame) disk.rename(newest.path, path);
    else await store(path, before);
    probe('generation.rename.after');
    await disk.syncFolder(folder);
    if (!isSame) makeRoom(disk, [{ ...name, path }, ...kept]);
    probe('generation.prune.after');
    return isSame ? undefined : path;
  };

  /** Under its name it is whole, or not there: a kill in between leaves a temporary file that the next one removes. */
  const store = async (path: string, bytes: Buffer): Promise<void> => {
    const temporary = join(folder, temporaryName);
    disk.remove(temporary);
    probe('generation.create.before');
    await disk.create(temporary, bytes);
    probe('generation.create.after');
    await disk.syncFile(temporary);
    probe('generation.sync.after');
    disk.rename(temporary, path);
  };

  const keeping = (reason: WriteReason, failed: (error: unknown) => void): Keep => {
    let made: string | undefined;
    const again = async (before: Buffer): Promise<void> => {
      try {
        if (made !== undefined) disk.remove(made);
        made = await keep(before, reason);
        told = undefined;
      } catch (error) {
        failed(error);
      }
    };
    // One at a time: two must not take the same number.
    return (before) => {
      const turn = last.then(() => again(before));
      last = turn.catch(() => {});
      return turn;
    };
  };

  const tell = (error: unknown): void => {
    const { message, hint } = diskError(folder, error);
    if (message === told) return;
    told = message;
    const text = `undo cannot go back to the version before this write: ${message}${hint === undefined ? '' : ` - ${hint}`}`;
    emit({ type: 'notice', level: 'warn', topic: 'state', message: text });
  };

  const all = (): readonly Generation[] => {
    try {
      return find(disk, folder);
    } catch (error) {
      throw new StateError(`${folder} cannot be read`, {
        code: 'state.generations',
        recovery: 'retry',
        hint: 'it must be a folder that the user who runs Sluice may read',
        cause: error,
      });
    }
  };

  return {
    all,
    read(number) {
      const found = all().find((generation) => generation.number === number);
      return found && readGeneration(disk, found);
    },
    any: () => hasGenerations(folder, disk),
    keeper: (reason) => keeping(reason, tell),
    strictKeeper: (reason) =>
      keeping(reason, (error) => {
        const { message, code, recovery, hint, cause } = diskError(folder, error);
        throw new StateError(`what stands there cannot be kept, so it was not replaced: ${message}`, {
          code,
          recovery,
          ...(hint === undefined ? {} : { hint }),
          cause,
        });
      }),
  };
}

/** Whether a folder holds a version to go back to. Never throws. */
export function hasGenerations(folder: string, disk: Pick<Disk, 'list'> = realDisk): boolean {
  try {
    return find(disk, folder).length > 0;
  } catch {
    return false;
  }
}

const temporaryName = '.generation.tmp';

/** @throws what the disk throws, but for a folder that is not there yet */
function find(disk: Pick<Disk, 'list'>, folder: string): Generation[] {
  return list(disk, folder)
    .flatMap((name) => {
      const told = generationOf(name);
      return told ? [{ ...told, path: join(folder, name) }] : [];
    })
    .toSorted((left, right) => right.number - left.number);
}

function list(disk: Pick<Disk, 'list'>, folder: string): readonly string[] {
  try {
    return disk.list(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function holds(disk: Disk, { path }: Generation, bytes: Buffer): boolean {
  try {
    return disk.read(path).equals(bytes);
  } catch {
    return false;
  }
}
