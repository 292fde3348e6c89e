import { basename, join } from 'node:path';
import { watch } from 'chokidar';

/** The files of the state folder that a person changes. */
export const watchedFiles = ['state.json', 'settings.json', 'controller.quit'] as const;
export type WatchedFile = (typeof watchedFiles)[number];

export interface StateWatch {
  /** Resolves when it listens, or cannot: what changes before may go unseen. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

// An editor's save is up to four events; they are told as one.
const quietMs = 50;

/**
 * Calls `onChange` shortly after one of the files was written, replaced, created or removed. Only a hint that makes
 * things prompt: it never throws, may tell too often, and tells nothing on some network file systems and mounts; the
 * check every minute is the truth (packages.md, chokidar). `onError` hears, once, that the hint is not to be had.
 */
export function watchState(
  folder: string,
  onChange: (file: WatchedFile) => void,
  onError: (error: unknown) => void = () => {},
): StateWatch {
  const timers = new Map<WatchedFile, NodeJS.Timeout>();
  const ready = Promise.withResolvers<void>();
  let failed = false;

  const watcher = watch(
    watchedFiles.map((file) => join(folder, file)),
    { ignoreInitial: true, depth: 0, persistent: false },
  );
  watcher.on('all', (_event, path) => {
    const file = watchedFiles.find((name) => name === basename(path));
    if (file === undefined) return;
    clearTimeout(timers.get(file));
    timers.set(
      file,
      setTimeout(() => {
        timers.delete(file);
        onChange(file);
      }, quietMs).unref(),
    );
  });
  watcher.once('ready', ready.resolve);
  watcher.on('error', (error) => {
    ready.resolve();
    if (!failed) onError(error);
    failed = true;
  });

  return {
    ready: ready.promise,
    async close() {
      ready.resolve();
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await watcher.close();
    },
  };
}
