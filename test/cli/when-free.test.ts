import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { go } from '../../src/cli/go.ts';
import { status } from '../../src/cli/status.ts';
import { lockWaitMs, whenFree } from '../../src/cli/when-free.ts';
import { serveControl } from '../../src/control/server.ts';
import { socketPath } from '../../src/control/socket-path.ts';
import { LockedError } from '../../src/model/errors.ts';
import { lockFolder } from '../../src/store/lock.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { holdStore } from '../support/holder-process.ts';
import { openShell } from '../support/shell.ts';
import { storeFolder } from '../support/store-folder.ts';
import { until } from '../support/until.ts';
import { commandLine } from './command-line.ts';

const shell = openShell();

function heldFor(tries: number): () => string {
  let left = tries;
  return () => {
    left -= 1;
    if (left >= 0) throw new LockedError('the folder is held by sluice undo', 'wait');
    return 'had';
  };
}

/** A context in which a second takes a twentieth of one. */
function quickly() {
  return { ...commandLine([]), clock: createFastClock(20) };
}

function stateFolder(): string {
  const folder = storeFolder();
  writeFileSync(join(folder, 'state.json'), '[]');
  return folder;
}

describe('a folder that somebody else holds', () => {
  test('is had as soon as it is free, and a moment is not worth a word', async () => {
    // At its real pace: three looks are far from the second after which it is told, also on a busy machine.
    const context = commandLine([]);
    expect(await whenFree(context, heldFor(3))).toBe('had');
    expect(context.warned()).toEqual([]);
  });

  test('is waited for 5 s, and after one of them it is said once who holds it', async () => {
    const context = quickly();
    const began = context.clock.elapsed();
    await expect(whenFree(context, heldFor(1000))).rejects.toBeInstanceOf(LockedError);
    expect(context.clock.elapsed() - began).toBeGreaterThanOrEqual(lockWaitMs);
    expect(context.warned()).toEqual(['the folder is held by sluice undo; waiting for it, 5 s at most']);
  });

  test('is not waited for where something else is wrong', async () => {
    const fails = whenFree(quickly(), () => Promise.reject(new RangeError('something else')));
    await expect(fails).rejects.toBeInstanceOf(RangeError);
  });
});

/** How long it takes until somebody who waits for a held folder hears that they need not: the check, for a twin. */
async function checkHeard(wait: (folder: string, signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const folder = storeFolder();
  const held = lockFolder(folder);
  onTestFinished(() => held.release());
  const asked = new AbortController();
  const began = performance.now();
  setTimeout(() => asked.abort(), 50);
  await wait(folder, asked.signal).catch(() => undefined);
  expect(performance.now() - began).toBeLessThan(1000);
}

describe('a ctrl-C meanwhile', () => {
  test('is heard at once', async () => {
    await checkHeard((folder, signal) => whenFree(commandLine([]), () => tryLock(folder), signal));
  });

  test('would not be heard if SQLite waited (twin)', async () => {
    const waiting = checkHeard(async (folder) => {
      await Promise.resolve();
      const handle = new DatabaseSync(join(folder, 'sluice.lock'), { timeout: 2000 });
      onTestFinished(() => handle.close());
      handle.exec('BEGIN EXCLUSIVE');
    });
    await expect(waiting).rejects.toThrow('to be less than 1000');
  });

  test('ends go with 0, which has told whom it waits for and left no word in the folder', async () => {
    const folder = stateFolder();
    const holder = await holdStore(folder, 'undo');
    const running = shell.program.start(['go', '--plain', '--state', folder]);
    await until(() => running.stderr() !== '', { what: 'go to tell' });
    expect(running.stderr()).toMatch(
      new RegExp(`^sluice: the state folder .* is held by sluice undo, process ${holder.pid} on .*; waiting`),
    );
    const began = performance.now();
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 0, signal: null, stdout: '' });
    // It had 4 s left to wait.
    expect(performance.now() - began).toBeLessThan(3000);
    expect(existsSync(join(folder, 'controller.quit.done'))).toBe(false);
  });
});

test('go has the folder when a short command is done with it', async () => {
  const folder = stateFolder();
  const holder = await holdStore(folder, 'status');
  const context = commandLine(['--once', '--state', folder], { QUEUE_URL: 'redis://127.0.0.1:1' });
  const ended = go(context);
  setTimeout(() => void holder.release(), 300);
  expect(await ended).toBe(0);
  expect(context.warned()).toEqual([]);
});

test('a command asks the controller that is just starting, as soon as it can be asked', async () => {
  const folder = stateFolder();
  await holdStore(folder, 'go');
  const context = commandLine(['--state', folder]);
  const done = status(context);
  await context.clock.sleep(300, AbortSignal.timeout(1000));
  const path = socketPath(folder, context.temporary, context.user);
  const server = await serveControl(path, { '/status': () => [] });
  onTestFinished(() => server.close());
  expect(await done).toBe(0);
  expect(context.printed()).toMatch(/^a controller is running\n/);
});

function tryLock(folder: string): void {
  try {
    lockFolder(folder).release();
  } catch (cause) {
    throw new LockedError(String(cause), '');
  }
}
