import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { allKinds } from '../../src/consumer/kinds.ts';
import { SettingError } from '../../src/model/errors.ts';
import { sisuServices } from '../../src/services/sisu.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { failure, openTarget, signal, version } from './world.ts';

const missing = hasPostgres() ? undefined : noPostgres;
let postgres: TestPostgres;
let databases = 0;

beforeAll(async () => {
  if (missing === undefined) postgres = await startPostgres();
});
afterAll(() => postgres?.stop());
beforeEach((context) => {
  if (missing !== undefined) context.skip(missing);
});

async function fresh(options?: string): Promise<{ readonly url: string; readonly name: string }> {
  const name = `tables_${(databases += 1)}`;
  return { name, url: await postgres.database(name, options) };
}

async function tablesIn(database: string, schema: string): Promise<unknown[]> {
  const { rows } = await postgres.sql(
    `SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`,
    database,
  );
  return rows.map(({ tablename }) => tablename);
}

test('every channel of the SISU services has a table, and nothing else has', () => {
  expect(allKinds.map(({ channel }) => channel).toSorted()).toEqual(
    sisuServices.map(({ channel }) => channel).toSorted(),
  );
  expect(new Set(allKinds.map(({ table }) => table)).size).toBe(allKinds.length);
});

test('an empty database gets all tables, said once; later there is nothing to say', async () => {
  const { url, name } = await fresh();
  const first = await openTarget(url);
  expect(first.said).toEqual([expect.stringMatching(/: made 27 tables in the schema "public"$/)]);
  expect(await tablesIn(name, 'public')).toHaveLength(27);
  const second = await openTarget(url);
  expect(second.said).toEqual([]);
  await Promise.all([first.close(), second.close()]);
});

test('consumers that start at once make each table once', async () => {
  const { url } = await fresh();
  const targets = await Promise.all(Array.from({ length: 6 }, () => openTarget(url, { schema: 'together' })));
  expect(targets.flatMap(({ said }) => said)).toEqual([expect.stringContaining('made 27 tables')]);
  await Promise.all(targets.map((target) => target.close()));
});

test('?schema puts the tables in a schema of their own, beside those of the old importer', async () => {
  const { url, name } = await fresh();
  await postgres.sql(OLD_TABLE, name);
  const target = await openTarget(url, { schema: 'sluice' });
  await target.store({ channel: 'ORI_PERSON_CHANNEL', entities: [version('p-1', 1)] }, signal);
  await target.close();
  expect((await postgres.sql('SELECT id FROM sluice.persons', name)).rows).toEqual([{ id: 'p-1' }]);
  expect(await tablesIn(name, 'public')).toEqual(['persons']);
});

const OLD_TABLE = `CREATE TABLE persons (id varchar(255) PRIMARY KEY, student_number varchar(255),
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL)`;

describe('a table that is not ours is refused, and nothing is changed or made', () => {
  const like = 'id text PRIMARY KEY, modification_ordinal bigint NOT NULL, document_state text';
  const times =
    'created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now()';
  test.each([
    ['of the old importer', OLD_TABLE, 'it has no modification_ordinal, document_state, data'],
    ['a view', 'CREATE VIEW persons AS SELECT 1 AS id', 'it is no table'],
    [
      'with another type',
      `CREATE TABLE persons (${like}, data json, ${times})`,
      'its data is json, not jsonb',
    ],
    [
      'with a column that must be filled in',
      `CREATE TABLE persons (${like}, data jsonb, ${times}, owner text NOT NULL)`,
      'its owner must be filled in',
    ],
    [
      'without the key',
      `CREATE TABLE persons (${like.replace('PRIMARY KEY', '')}, data jsonb, ${times})`,
      'id is no unique key of it',
    ],
  ])('%s', async (_, statement, why) => {
    const { url, name } = await fresh();
    await postgres.sql(statement, name);
    const before = await tablesIn(name, 'public');
    const refusal = await openTarget(url).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SettingError);
    expect(refusal).toMatchObject({
      message: expect.stringContaining(`the table public.persons is not Sluice's: ${why}`),
      hint: expect.stringContaining('?schema=sluice'),
    });
    expect(await tablesIn(name, 'public')).toEqual(before);
  });

  test('the others are counted', async () => {
    const { url, name } = await fresh();
    await postgres.sql(`${OLD_TABLE}; CREATE TABLE plans (id text); CREATE TABLE modules (id text)`, name);
    expect(await failure(openTarget(url))).toMatch(/, and so are 2 more$/);
  });
});

test('columns and indexes that somebody added do no harm', async () => {
  const { url, name } = await fresh();
  await (await openTarget(url)).close();
  await postgres.sql(
    `ALTER TABLE persons ADD number text GENERATED ALWAYS AS (data->>'studentNumber') STORED, ADD note text;
     CREATE INDEX ON persons (updated_at)`,
    name,
  );
  const target = await openTarget(url);
  const entities = [{ ...version('p-1', 1), studentNumber: '012345678' }];
  await target.store({ channel: 'ORI_PERSON_CHANNEL', entities }, signal);
  expect((await postgres.sql('SELECT number FROM persons', name)).rows).toEqual([{ number: '012345678' }]);
  await target.close();
});

test('a user who may only write needs no right to make tables', async () => {
  const { url, name } = await fresh();
  await (await openTarget(url)).close();
  await postgres.sql(
    `CREATE ROLE writer LOGIN PASSWORD 'pw'; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
     GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO writer`,
    name,
  );
  const target = await openTarget(urlFor('writer', 'pw', name));
  await target.store(
    { channel: 'ORI_PERSON_CHANNEL', entities: [version('p', 1), version('q', 2, 'DELETED')] },
    signal,
  );
  await target.close();
});

describe('what a person has to change is said at the start', () => {
  test.each([
    ['a wrong password', () => urlFor('sluice', 'secret-and-wrong', 'postgres'), 'the login is refused'],
    ['no such database', () => postgres.url.replace(/postgres$/, 'nowhere'), 'there is no such database'],
    ['no encryption there', () => `${postgres.url}?sslmode=require`, 'there is no safe connection'],
  ])('%s', async (_, url, message) => {
    const refusal = await openTarget(url()).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ recovery: 'config', message: expect.stringContaining(message) });
    expect(String(refusal)).not.toMatch(/secret-and-wrong|only\/for@tests/);
  });

  test('no right to make the tables', async () => {
    const { name } = await fresh();
    await postgres.sql(
      `CREATE ROLE guest LOGIN PASSWORD 'pw'; REVOKE CREATE ON SCHEMA public FROM PUBLIC`,
      name,
    );
    const refusal = await openTarget(urlFor('guest', 'pw', name)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      recovery: 'config',
      message: expect.stringContaining('the user lacks a right'),
    });
  });

  test('an encoding that lacks characters', async () => {
    const { url } = await fresh("ENCODING LATIN1 LOCALE 'C' TEMPLATE template0");
    expect(await failure(openTarget(url))).toContain('keeps text as LATIN1, not UTF8');
  });

  test('no schema to put tables in', async () => {
    const { url, name } = await fresh();
    await postgres.sql('DROP SCHEMA public', name);
    expect(await failure(openTarget(url))).toContain('has no schema to put tables in');
    await (await openTarget(url, { schema: 'own' })).close();
  });
});

function urlFor(user: string, password: string, database: string): string {
  return `postgres://${user}:${password}@127.0.0.1:${postgres.port}/${database}`;
}
