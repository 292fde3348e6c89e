import { fsyncSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Init = NodeFS['init'];

/**
 * PGlite's file system with the one thing it lacks: an fsync that reaches the disk. As delivered, PGlite 0.5 runs
 * Postgres with fsync off over files that have no fsync, so a power cut could take jobs with it that were confirmed
 * (invariant 1). Needs `durableSettings` to be of use.
 */
export class DurableFiles extends NodeFS {
  readonly #sync: (fd: number) => void;

  constructor(folder: string, sync: (fd: number) => void = fsyncSync) {
    super(folder);
    this.#sync = sync;
  }

  override async init(...[database, options]: Parameters<Init>): ReturnType<Init> {
    const { emscriptenOpts } = await super.init(database, options);
    const install = (compiled: { readonly NODEFS: unknown }) => {
      installSync(compiled.NODEFS, this.#sync);
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), install] } };
  }
}

/** Postgres settings under which every commit calls `fsync`; its other methods end nowhere here. */
export const durableSettings = ['fsync=on', 'wal_sync_method=fsync'] as const;

// Emscripten's fd_sync calls `stream_ops.fsync(stream)` when there is one; `nfd` is node's descriptor of the stream.
function installSync(files: unknown, sync: (fd: number) => void): void {
  if (!isObject(files) || !isObject(files['stream_ops']))
    throw new Error('This PGlite has other files than expected: fsync cannot be installed');
  files['stream_ops']['fsync'] = (stream: unknown) => {
    if (isObject(stream) && typeof stream['nfd'] === 'number') sync(stream['nfd']);
    return 0;
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
