import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

/** Another process that opens the store of a folder and holds it. */
export interface HolderProcess {
  readonly pid: number;
  /** Lets it close the store and end. */
  release(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

const program = fileURLToPath(new URL('hold-store.ts', import.meta.url));
const openAndDie = fileURLToPath(new URL('open-and-die.ts', import.meta.url));
const tryOpen = fileURLToPath(new URL('try-open.ts', import.meta.url));
/** The user and the group of that name. */
const nobody = 65_534;

/** Starts a process that takes the store of `folder`. Resolves as soon as it holds it, rejects when it does not get it. */
export async function holdStore(folder: string, command = 'go'): Promise<HolderProcess> {
  const child = spawn(process.execPath, [program, folder, command], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await saysHeld(child);
  return {
    pid: child.pid ?? 0,
    async release() {
      child.stdin?.end();
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function saysHeld(child: ChildProcess): Promise<void> {
  const held = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  const gone = once(child, 'exit').then(() => {
    throw new Error('the holder ended before it held the store');
  });
  await Promise.race([held, gone]);
}

const refusal = z.object({ code: z.string(), recovery: z.string(), message: z.string(), hint: z.string() });

/** Opens the store of a folder as somebody who may not do everything. @returns why it could not, or undefined */
export async function openAsNobody(folder: string): Promise<z.infer<typeof refusal> | undefined> {
  const isRoot = process.getuid?.() === 0;
  const child = spawn(process.execPath, [tryOpen, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  });
  const said = text(child.stdout);
  await once(child, 'exit');
  return (await said) === '' ? undefined : refusal.parse(JSON.parse(await said));
}

/** Opens the store of a folder and is killed at a fail point on the way. @returns whether it came to that point */
export async function dieOpening(folder: string, point: string): Promise<boolean> {
  const child = spawn(process.execPath, [openAndDie, folder, point], { stdio: 'ignore' });
  const [, signal] = await once(child, 'exit');
  return signal === 'SIGKILL';
}
