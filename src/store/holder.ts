import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

// Names the process that holds a state folder. For messages only: the lock is the database's (S18).
const holderFile = 'holder.json';

const holderSchema = z.object({ pid: z.int(), host: z.string(), since: z.number(), command: z.string() });

export type Holder = z.infer<typeof holderSchema>;

/** Leaves word who holds the folder. It is for a message only, so that a word that cannot be left stops nothing. */
export function nameHolder(folder: string, holder: Holder): void {
  try {
    writeFileSync(join(folder, holderFile), `${JSON.stringify(holder)}\n`);
  } catch {}
}

/** Takes the word back. */
export function forgetHolder(folder: string): void {
  try {
    rmSync(join(folder, holderFile), { force: true });
  } catch {}
}

/** Who says to hold the folder, or undefined when nobody left a readable word. */
export function readHolder(folder: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(join(folder, holderFile), 'utf8')));
  } catch {
    return undefined;
  }
}
