import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { entryCursor } from '../../model/cursor.ts';
import { parseState } from '../../state/parse.ts';
import { readFileText } from '../../state/read.ts';
import { openStore } from '../../store/store.ts';
import type { Claim } from './origin.ts';

/** What the state file says of the one entry in it, or why it cannot be read. */
export function readEntry(path: string): ReturnType<typeof entryOf> {
  const file = readFileText(path, 'state.json');
  return file.ok ? entryOf(file.text) : { ok: false, reason: file.problem.message };
}

/** The entry in a version of the state file. */
export function entryOf(text: string) {
  const parsed = parseState(text, { file: 'state.json' });
  if (!parsed.ok) return { ok: false, reason: parsed.problem.message } as const;
  const [first] = parsed.entries;
  if (!first) return { ok: false, reason: 'the entry is gone' } as const;
  return { ok: true, raw: first.raw, cursor: entryCursor(first.entry) } as const;
}

/**
 * How far a process that is gone says to have got. Its database is looked at in a copy, so that the next process finds
 * it as the kill left it.
 */
export function readClaim(folder: string, scratch: string): Claim {
  const found = readEntry(join(folder, 'state.json'));
  const cursor = found.ok ? found.cursor : null;
  if (!existsSync(join(folder, 'sluice.db'))) return { cursor, runs: [] };
  const copy = mkdtempSync(join(scratch, 'look-'));
  for (const name of ['sluice.db', 'sluice.db-wal']) {
    if (existsSync(join(folder, name))) cpSync(join(folder, name), join(copy, name));
  }
  const store = openStore({ folder: copy, command: 'selftest', pid: 0, now: 0 });
  try {
    const runs = [...store.runs.allUnfinished(), ...store.runs.completing()];
    return { cursor, runs: runs.map((run) => ({ run, keys: store.runs.confirmedKeys(run.id) })) };
  } finally {
    store.close();
    rmSync(copy, { recursive: true, force: true });
  }
}
