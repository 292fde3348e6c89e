import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventJson, isPage } from './ndjson.ts';
import type { View } from './plain.ts';

export interface LogFileOptions {
  /** `state/logs`; made when it is missing. */
  readonly folder: string;
  readonly redact: (text: string) => string;
  /** Told once when the log cannot be written or is full for the day, so that neither goes unnoticed. */
  readonly onProblem: (message: string) => void;
}

const keptDays = 14;
const keptBytes = 100_000_000;

/**
 * Every event but the single pages' and the view of all entries, which tells nothing that others do not, as NDJSON, a file a day (in UTC), 14 days and 100 MB at most, mode 0600 (S23).
 * A log that cannot be written stops nothing: it is tried again with the next event.
 */
export function createLogFile({
  folder,
  redact,
  onProblem,
}: LogFileOptions): View & { path(at: number): string } {
  let day = '';
  let written = 0;
  let told = false;
  const path = (at: number): string => join(folder, `${dayOf(at)}.ndjson`);
  const tell = (message: string): void => {
    if (!told) onProblem(message);
    told = true;
  };

  return {
    path,
    show(event) {
      if (isPage(event) || event.type === 'entries.known') return;
      try {
        if (day !== dayOf(event.at)) {
          mkdirSync(folder, { recursive: true, mode: 0o700 });
          written = makeRoom(folder, event.at);
          day = dayOf(event.at);
        }
        const line = `${eventJson(event, redact)}\n`;
        const bytes = Buffer.byteLength(line);
        // Older days have made room already.
        if (written + bytes > keptBytes)
          return tell(`the log is full until midnight UTC: ${folder} may hold 100 MB`);
        appendFileSync(path(event.at), line, { mode: 0o600 });
        written += bytes;
        told = false;
      } catch (error) {
        // The folder may be what is missing.
        day = '';
        tell(`the log cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Removes what is too old, then the oldest until half of the room is free. @returns the bytes that are left */
function makeRoom(folder: string, now: number): number {
  const oldest = dayOf(now - (keptDays - 1) * 86_400_000);
  const logs = readdirSync(folder)
    .filter((name) => /^\d{4}-\d\d-\d\d\.ndjson$/.test(name))
    .toSorted();
  const kept: { readonly name: string; readonly bytes: number }[] = [];
  for (const name of logs) {
    if (name < `${oldest}.ndjson`) rmSync(join(folder, name), { force: true });
    else kept.push({ name, bytes: statSync(join(folder, name)).size });
  }
  const today = `${dayOf(now)}.ndjson`;
  let bytes = kept.reduce((sum, log) => sum + log.bytes, 0);
  for (const log of kept) {
    if (bytes <= keptBytes / 2 || log.name >= today) break;
    rmSync(join(folder, log.name), { force: true });
    bytes -= log.bytes;
  }
  return bytes;
}
