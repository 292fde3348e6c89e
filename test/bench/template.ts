import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf, startChild } from './children.ts';
import { compiledProgram } from './paths.ts';
import { makeTemporary } from './temporary.ts';
import { watchUsage } from './usage.ts';

/** An embedded queue with nothing in it: making one takes seconds and much memory, once in the life of a folder. */
export interface Template {
  /** The most memory the program ever had while it made the queue. */
  readonly peakMb: number;
  readonly copyInto: (folder: string) => void;
  readonly remove: () => void;
}

export async function makeTemplate(): Promise<Template> {
  const { path, remove } = makeTemporary();
  writeFileSync(join(path, 'state.json'), '[]');
  const env = { QUEUE_URL: 'embedded:' };
  const command = [compiledProgram, 'go', '--once', '--plain', '--state', path];
  const child = startChild(process.execPath, command, { env });
  const watch = watchUsage(child.pid, 20);
  await outputOf(child, 'the first start');
  return {
    peakMb: watch.last().peakMb,
    copyInto: (folder) => cpSync(join(path, 'queue'), join(folder, 'queue'), { recursive: true }),
    remove,
  };
}
