import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Temporary {
  readonly path: string;
  readonly remove: () => void;
}

const made = new Set<string>();
process.on('exit', () => {
  for (const path of made) remove(path);
});

/** A folder that is gone with this process at the latest. */
export function makeTemporary(): Temporary {
  const path = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  made.add(path);
  return { path, remove: () => remove(path) };
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 10 });
  made.delete(path);
}
