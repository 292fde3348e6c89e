import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Names the process that holds a state folder. For messages only: the lock is the database's (S18). */
export const holderFile = 'holder.json';

const holderSchema = z.object({ pid: z.int(), host: z.string(), since: z.number(), command: z.string() });

export type Holder = z.infer<typeof holderSchema>;

/** Who says to hold the folder, or undefined when nobody left a readable word. */
export function readHolder(folder: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(join(folder, holderFile), 'utf8')));
  } catch {
    return undefined;
  }
}
