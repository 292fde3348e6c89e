import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Adds lines to a file that other processes add to as well, and resolves when they are on the disk (fsync), each whole
 * and on a line of its own. A file that is not there is made, and its name synced.
 *
 * A writer that was killed leaves the beginning of a line. It is ended by a line break and stays: cutting it off could
 * cut off what another process adds at this moment. Its chunk was not confirmed and comes again as a whole. As that can
 * also happen right between our look and our write, we look at what stands before our lines once they are written.
 * @param lines without line breaks
 */
export async function appendLines(path: string, lines: readonly string[]): Promise<void> {
  // Read and append: every write goes to the end, wherever that is by then (POSIX, O_APPEND).
  const file = await open(path, 'a+', 0o600);
  try {
    const before = await sizeOf(file);
    if (!(await endsALine(file, before))) await writeAll(file, Buffer.from('\n'));
    const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    const from = await sizeOf(file);
    if (text.length > 0) {
      await writeAll(file, text);
      while (!(await standsWhole(file, from, text))) await writeAll(file, Buffer.concat([lineBreak, text]));
    }
    // Invariant 1: only now are the lines durable, and their job may be completed.
    await file.sync();
    if (before === 0) await syncFolder(dirname(path));
  } finally {
    await file.close();
  }
}

const lineBreak = Buffer.from('\n');

async function sizeOf(file: FileHandle): Promise<number> {
  return (await file.stat()).size;
}

async function endsALine(file: FileHandle, size: number): Promise<boolean> {
  return size === 0 || (await readAt(file, size - 1, 1)).equals(lineBreak);
}

/** A write is done in one piece but where the disk is full or the process is being killed. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, null);
  if (bytesWritten < bytes.length)
    throw new Error(`only ${bytesWritten} of ${bytes.length} bytes could be written`);
}

/** Whether `text` stands at the beginning of a line somewhere from `from` on. */
async function standsWhole(file: FileHandle, from: number, text: Buffer): Promise<boolean> {
  const size = await sizeOf(file);
  // The usual case: nobody else wrote meanwhile.
  if (size === from + text.length) return await endsALine(file, from);
  // Shorter than it was: somebody cut the file.
  const start = size < from + text.length ? 0 : from;
  const added = await readAt(file, start, size - start);
  for (let at = added.indexOf(text); at >= 0; at = added.indexOf(text, at + 1)) {
    const isAtStart = at === 0 ? await endsALine(file, start) : added[at - 1] === lineBreak[0];
    if (isAtStart) return true;
  }
  return false;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
