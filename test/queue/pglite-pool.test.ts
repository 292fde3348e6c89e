import { expect, test } from 'vitest';
import { createPglitePool, type PgliteDatabase } from '../../src/queue/pglite-pool.ts';

/** A database that notes what it is told and needs a turn of the event loop for it. */
function recorder() {
  const log: string[] = [];
  const listeners = new Set<(channel: string, payload: string) => void>();
  const note = async (text: string) => {
    log.push(text);
    await new Promise((resolve) => setImmediate(resolve));
    if (text.startsWith('FAIL')) throw new Error(text);
    const rows: never[] = [];
    return { rows, fields: [], command: text };
  };
  const database: PgliteDatabase = {
    query: note,
    exec: async (text) => [await note(text)],
    onNotification(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    log,
    database,
    notify: (payload: string) => listeners.forEach((listener) => listener('bullmq_jobs', payload)),
  };
}

interface Queryable {
  query(text: string, params?: readonly unknown[]): Promise<unknown>;
}

/** What BullMQ does in a transaction while others use the pool. */
async function mixed(pool: Queryable & { connect(): Promise<Queryable> }, log: string[]) {
  const client = await pool.connect();
  await Promise.all([
    client.query('BEGIN').then(async (): Promise<unknown> => {
      await client.query('in 1', []);
      await client.query('in 2', []);
      return client.query('COMMIT');
    }),
    pool.query('other 1', []),
    pool.query('other 2', []),
    pool.connect().then((another) => another.query('other 3', [])),
  ]);
  return log;
}

test('a transaction has the database to itself', async () => {
  const { log, database } = recorder();
  expect(await mixed(createPglitePool(database), log)).toEqual([
    'BEGIN',
    'in 1',
    'in 2',
    'COMMIT',
    'other 1',
    'other 2',
    'other 3',
  ]);
});

test('twin: without turns others get into the transaction', async () => {
  const { log, database } = recorder();
  const query = (text: string) => database.query(text, []);
  await mixed({ query, connect: async () => await Promise.resolve({ query }) }, log);
  expect(log.slice(0, 4)).not.toEqual(['BEGIN', 'in 1', 'in 2', 'COMMIT']);
});

test.each(['ROLLBACK', 'commit', 'END', 'COMMIT'])('%s ends a transaction', async (end) => {
  const { database } = recorder();
  const pool = createPglitePool(database);
  const client = await pool.connect();
  await client.query('begin');
  await client.query('ROLLBACK TO SAVEPOINT a');
  let free = false;
  const other = pool.query('other', []).then(() => (free = true));
  await client.query('x', []);
  expect(free).toBe(false);
  await client.query(end);
  await other;
});

test('a client given back in the middle of a transaction is rolled back', async () => {
  const { log, database } = recorder();
  const pool = createPglitePool(database);
  const client = await pool.connect();
  await client.query('BEGIN');
  client.release();
  await pool.query('other', []);
  expect(log).toEqual(['BEGIN', 'ROLLBACK', 'other']);
});

test('a statement or a BEGIN that fails does not hold up the next one', async () => {
  const { database, log } = recorder();
  const pool = createPglitePool(database);
  const client = await pool.connect();
  await expect(pool.query('FAIL a', [])).rejects.toThrow('FAIL a');
  await expect(client.query('FAIL b', [])).rejects.toThrow('FAIL b');
  await pool.query('fine', []);
  expect(log).toEqual(['FAIL a', 'FAIL b', 'fine']);
});

test('every client hears notifications until it is given back', async () => {
  const { database, notify } = recorder();
  const pool = createPglitePool(database);
  const [one, two] = [await pool.connect(), await pool.connect()];
  const heard: string[] = [];
  one.on('notification', ({ payload }) => heard.push(`one ${payload}`));
  two.on('notification', ({ payload }) => heard.push(`two ${payload}`));
  notify('a');
  one.release();
  notify('b');
  await pool.end();
  notify('c');
  expect(heard).toEqual(['one a', 'two a', 'two b']);
});

test('names belong to clients, though they share a session', async () => {
  const { database, log } = recorder();
  const pool = createPglitePool(database);
  const [one, two] = [await pool.connect(), await pool.connect()];
  for (const [client, name] of [
    [one, 'lists'],
    [two, 'lists:w:b'],
  ] as const)
    await client.query("SELECT set_config('application_name', $1, false)", [name]);
  expect(pool.clientNames()).toEqual(['lists', 'lists:w:b']);
  one.release();
  expect(pool.clientNames()).toEqual(['lists:w:b']);
  expect(log).toEqual([]);
});

test('what runs after a statement delays the next one, not the answer, and never fails it', async () => {
  const { database, log } = recorder();
  const done = Promise.withResolvers<void>();
  const pool = createPglitePool(database, async () => {
    await done.promise;
    throw new Error('disk full');
  });
  await pool.query('first', []);
  const second = pool.query('second', []);
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(['first']);
  done.resolve();
  await second;
});
