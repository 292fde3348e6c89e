import type { FileProblem } from '../model/events.ts';
import { decodeText } from './decode.ts';
import { hasCode, realDisk, type Disk } from './disk.ts';

/** What a file held when it was read. Missing or unreadable is "not ready, keep the last good one" (invariant 5). */
export type FileText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: boolean; readonly problem: FileProblem };

/** Reads a file of the state folder. Never throws; `file` is the name that the problem carries. */
export function readFileText(path: string, file: string, disk: Pick<Disk, 'read'> = realDisk): FileText {
  const fail = (message: string, missing = false): FileText => ({
    ok: false,
    missing,
    problem: { file, line: 1, column: 1, message },
  });
  try {
    const text = decodeText(disk.read(path));
    return text === undefined
      ? fail('expected text in UTF-8: save the file in that encoding')
      : { ok: true, text };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return fail('the file is not there', true);
    if (hasCode(error, 'EISDIR')) return fail('a folder stands in its place');
    return fail(`the file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
