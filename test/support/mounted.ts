import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';

/** A small file system of its own over a folder, for faults that are real. Gone when the test ends. */
export interface Mounted {
  /** Fills it to the last byte. */
  fill(): void;
  free(): void;
  setReadOnly(readOnly: boolean): void;
}

/** Mounts one; skips the test where that is not allowed. */
export function mountOver(context: TestContext, folder: string, size = '256k'): Mounted {
  if (!run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder))
    context.skip('mounting is not allowed here');
  onTestFinished(() => void run('umount', '--lazy', folder));
  const filler = join(folder, 'filler');
  return {
    fill() {
      for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) {
        while (tryTo(() => writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' })));
      }
    },
    free: () => rmSync(filler, { force: true }),
    setReadOnly(readOnly) {
      const done = run('mount', '-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder);
      if (!done) throw new Error(`${folder} could not be mounted anew`);
    },
  };
}

/** Mounts a file over another, as `docker run -v file:file` does. @returns what unmounts it */
export function mountFile(context: TestContext, from: string, over: string): () => void {
  if (!run('mount', '--bind', from, over)) context.skip('mounting is not allowed here');
  let isMounted = true;
  const unmount = (): void => {
    if (isMounted) run('umount', over);
    isMounted = false;
  };
  onTestFinished(unmount);
  return unmount;
}

function run(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function tryTo(effect: () => void): boolean {
  try {
    effect();
    return true;
  } catch {
    return false;
  }
}
