import type { Writable } from 'node:stream';

/** Where views write. */
export interface Outlet {
  /** Never throws and never waits. `spare`: one of many, to be left out before anything else is. */
  readonly write: (text: string, spare?: boolean) => void;
}

export interface OutletOptions {
  readonly stream: Pick<Writable, 'write' | 'writableLength' | 'on'>;
  /** Told how many texts were left out, once the reader has caught up; what it writes comes before the next text. */
  readonly onLeftOut: (texts: number) => void;
}

/** What may wait for a slow reader, in bytes: beyond the first, spare texts are left out, beyond the second all are. */
const spareRoom = 1_000_000;
const wholeRoom = 4_000_000;

/**
 * Writes to a reader that may be slow, stopped or gone, without ever slowing the runs (invariant 7) or holding more
 * than a few megabytes for it. A reader that went away (`| head`) ends nothing: the rest is for nobody.
 */
export function createOutlet({ stream, onLeftOut }: OutletOptions): Outlet {
  let gone = false;
  let leftOut = 0;
  stream.on('error', () => {
    gone = true;
  });
  writeWithoutWaiting(stream);
  return {
    write(text, spare = false) {
      if (gone) return;
      if (leftOut > 0 && stream.writableLength < spareRoom / 2) {
        const texts = leftOut;
        leftOut = 0;
        onLeftOut(texts);
      }
      // Invariant 7: what the reader cannot take is left out, not waited for.
      if (stream.writableLength > (spare ? spareRoom : wholeRoom)) leftOut += 1;
      else stream.write(text);
    },
  };
}

/**
 * Node writes to a terminal synchronously: one that stands still (ctrl-S, a dead connection) would stop every run with
 * it. There is no public switch; without the private one a terminal stays as it was. Pipes never wait, files never stop.
 */
function writeWithoutWaiting(stream: object): void {
  const handle: unknown = '_handle' in stream ? stream['_handle'] : undefined;
  if (typeof handle !== 'object' || handle === null || !('setBlocking' in handle)) return;
  if (typeof handle.setBlocking === 'function') handle.setBlocking(false);
}
