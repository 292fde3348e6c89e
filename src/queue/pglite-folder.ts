import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { DurableFiles, durableSettings } from './durable-files.ts';
import { createPglitePool } from './pglite-pool.ts';
import { prepareSchema } from './postgres-schema.ts';

/**
 * Opens the database in `folder`, creating it on first use (1 to 3 s, afterwards about 0.3 s). A creation that was
 * interrupted leaves `data.new`, which the next one throws away: `data` is there complete or not at all.
 * One process at a time may have the folder open; the state lock sees to that (S18).
 */
export async function openDatabase(folder: string, sync?: (fd: number) => void): Promise<PGlite> {
  const data = join(folder, 'data');
  if (!(await exists(data))) await createDatabase(folder, data);
  const database = await startDatabase(data, sync);
  try {
    await prepare(database);
    return database;
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
}

async function createDatabase(folder: string, data: string): Promise<void> {
  const draft = `${data}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const database = await startDatabase(draft);
  try {
    await prepare(database);
  } finally {
    await database.close();
  }
  await syncTree(draft);
  await rename(draft, data);
  await syncPath(folder);
}

// Small buffers: measured, they bring a reopened database from about 290 to 170 MB of memory. WAL is kept short
// because nothing but our own housekeeping ever makes a checkpoint in a single-user Postgres.
const settings = [
  ...durableSettings,
  'shared_buffers=4MB',
  'wal_buffers=1MB',
  'work_mem=2MB',
  'min_wal_size=32MB',
  'max_wal_size=64MB',
  'search_path=bullmq,public',
];

function startDatabase(data: string, sync?: (fd: number) => void): Promise<PGlite> {
  // -F turns fsync off.
  const flags = PGlite.defaultStartParams.filter((flag) => flag !== '-F');
  return PGlite.create({
    fs: new DurableFiles(data, sync),
    startParams: [...flags, ...settings.flatMap((setting) => ['-c', setting])],
    // Postgres' own log lines must not reach the terminal.
    onStdout: () => false,
    onStderr: () => false,
  });
}

async function prepare(database: PGlite): Promise<void> {
  await database.exec(adoptOldMarkers);
  const pool = createPglitePool(database);
  const client = await pool.connect();
  try {
    await prepareSchema(client);
  } finally {
    client.release();
    await pool.end();
  }
}

// Where markers stood before they had a place among BullMQ's tables. Does nothing in any other folder.
const adoptOldMarkers = `
  ALTER TABLE IF EXISTS sluice.run_marker RENAME TO sluice_run_marker;
  ALTER TABLE IF EXISTS sluice.sluice_run_marker SET SCHEMA bullmq;
  DROP SCHEMA IF EXISTS sluice;
`;

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await (entry.isDirectory() ? syncTree(path) : syncPath(path));
  }
  await syncPath(folder);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
