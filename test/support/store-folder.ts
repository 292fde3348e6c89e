import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';

/** A folder for a store, gone when the test ends. */
export function storeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens the store of a folder as the controller does. Closed with the test, if not before. */
export function openIn(folder: string): Store {
  const store = openStore({ folder, command: 'go', pid: process.pid, now: 0 });
  let isOpen = true;
  const close = (): void => {
    if (isOpen) store.close();
    isOpen = false;
  };
  onTestFinished(close);
  return { ...store, close };
}
