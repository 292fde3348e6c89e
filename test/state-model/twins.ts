import { writeFileSync } from 'node:fs';
import { controllerFields } from '../../src/model/entry.ts';
import type { Committer } from '../../src/state/commit.ts';
import type { StateEdit } from '../../src/state/commit-result.ts';
import type { Disk } from '../../src/state/disk.ts';
import { type JsonValue, mergeWriteBack } from '../../src/state/merge.ts';
import { parseState } from '../../src/state/parse.ts';
import type { Parts } from './process.ts';

/** Broken parts, each of which the property must find out. */
export const twins: Readonly<Record<string, Parts>> = {
  'a commit without the compare': { disk: withoutCompare },
  'no look at the displaced file': { disk: withoutLink },
  'a file that is written in place': { disk: inPlace },
  'a write-back that writes the whole file anew': { committer: (committer) => editing(committer, anew) },
  'a write-back from the copy read before': { committer: fromFirstRead },
  'a merge that takes the next entry': { committer: (committer) => editing(committer, nextEntry) },
  'a write-back that looks at no edit of the cursor': {
    stateFile: (stateFile) => ({
      ...stateFile,
      get entries() {
        return stateFile.entries;
      },
      write: (writes, signal) =>
        stateFile.write(
          writes.map(({ identity, fields }) => ({ identity, fields })),
          signal,
        ),
    }),
  },
};

/** Compares nothing: the name is read once for each replacement, and every file is the same one. */
function withoutCompare(disk: Disk): Partial<Disk> {
  let first: Buffer | undefined;
  return {
    resolve(path) {
      first = undefined;
      return disk.resolve(path);
    },
    read(path) {
      if (path.endsWith('.tmp')) return first ?? disk.read(path);
      first = disk.read(path);
      return first;
    },
    identify: (path) => ({ ...disk.identify(path), inode: 1n }),
  };
}

function withoutLink(): Partial<Disk> {
  return {
    link: () => {
      throw Object.assign(new Error('ENOTSUP: made by the test'), { code: 'ENOTSUP' });
    },
  };
}

function inPlace(disk: Disk): Partial<Disk> {
  return {
    rename(from, to) {
      writeFileSync(to, disk.read(from));
      disk.remove(from);
    },
  };
}

type Change = (before: string, after: string) => string;

/** A committer whose edits come out wrong. */
function editing(committer: Committer, change: Change): Committer {
  const wrong = (edit: StateEdit): StateEdit => {
    return (text) => {
      const edited = edit(text);
      return edited === undefined || edited === text ? edited : change(text, edited);
    };
  };
  return { ...committer, commit: (edit, signal) => committer.commit(wrong(edit), signal) };
}

const anew: Change = (_before, after) => `${JSON.stringify(rawsOf(after), null, 2)}\n`;

const nextEntry: Change = (before, after) => {
  const old = rawsOf(before);
  const now = rawsOf(after);
  const index = now.findIndex((raw, place) => JSON.stringify(raw) !== JSON.stringify(old[place]));
  const fields: Record<string, JsonValue> = {};
  for (const name of [...controllerFields, 'worker_count']) {
    const value = now[index]?.[name];
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
  }
  try {
    return mergeWriteBack(before, [{ index: (index + 1) % now.length, fields }]);
  } catch {
    return after;
  }
};

function fromFirstRead(committer: Committer): Committer {
  let first: string | undefined;
  return {
    ...committer,
    commit: (edit, signal) =>
      committer.commit((text) => {
        first ??= text;
        const edited = edit(text);
        if (edited === undefined || edited === text) return edited;
        first = edit(first) ?? edited;
        return first;
      }, signal),
  };
}

function rawsOf(text: string): Readonly<Record<string, unknown>>[] {
  const parsed = parseState(text, { file: 'state.json' });
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.entries.map(({ raw }) => raw);
}
