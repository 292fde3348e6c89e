import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventJson } from './ndjson.ts';
import type { View } from './plain.ts';

export interface LogFileOptions {
  /** `state/logs`; made when it is missing. */
  readonly folder: string;
  readonly redact: (text: string) => string;
  /** Told once when the log cannot be written, so that a full disk does not go unnoticed. */
  readonly onProblem: (message: string) => void;
}

const keptDays = 14;
const keptBytes = 100_000_000;

/** Every event but the single pages' as NDJSON, a file a day, 14 days and 100 MB at most, mode 0600 (S23). */
export function createLogFile({
  folder,
  redact,
  onProblem,
}: LogFileOptions): View & { path(at: number): string } {
  let day = '';
  let written = 0;
  let broken = false;
  const path = (at: number): string => join(folder, `${dayOf(at)}.ndjson`);

  return {
    path,
    show(event) {
      if (event.type.startsWith('page.')) return;
      try {
        if (day !== dayOf(event.at)) {
          day = dayOf(event.at);
          mkdirSync(folder, { recursive: true, mode: 0o700 });
          written = makeRoom(folder, event.at);
        }
        const line = `${eventJson(event, redact)}\n`;
        // What a single day may take; older days make room first.
        if (written + line.length > keptBytes) return;
        appendFileSync(path(event.at), line, { mode: 0o600 });
        written += line.length;
        broken = false;
      } catch (error) {
        if (!broken)
          onProblem(`the log cannot be written: ${error instanceof Error ? error.message : String(error)}`);
        broken = true;
      }
    },
  };
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Removes what is too old, then the oldest until the rest fits. @returns the bytes that are left */
function makeRoom(folder: string, now: number): number {
  const oldest = dayOf(now - keptDays * 86_400_000);
  const logs = readdirSync(folder)
    .filter((name) => /^\d{4}-\d\d-\d\d\.ndjson$/.test(name))
    .toSorted();
  const kept: { readonly name: string; readonly bytes: number }[] = [];
  for (const name of logs) {
    if (name < `${oldest}.ndjson`) rmSync(join(folder, name), { force: true });
    else kept.push({ name, bytes: statSync(join(folder, name)).size });
  }
  let bytes = kept.reduce((sum, log) => sum + log.bytes, 0);
  // Half of the room is for what is to come.
  while (bytes > keptBytes / 2 && kept.length > 1) {
    const first = kept.shift();
    if (!first) break;
    rmSync(join(folder, first.name), { force: true });
    bytes -= first.bytes;
  }
  return bytes;
}
