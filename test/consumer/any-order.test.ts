import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { statementsFor } from '../../src/consumer/statements.ts';
import { hasPostgres, noPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { type OpenedTarget, openTarget, signal, type TestEntity, version } from './world.ts';

const missing = hasPostgres() ? undefined : noPostgres;
let postgres: TestPostgres;
let url: string;
let prefixes = 0;

beforeAll(async () => {
  if (missing !== undefined) return;
  postgres = await startPostgres({ settings: ['deadlock_timeout=10ms'] });
  url = await postgres.database('orders');
});
afterAll(() => postgres?.stop());
beforeEach((context) => {
  if (missing !== undefined) context.skip(missing);
});

/** Versions of a few keys, and the chunks they come in: each at least once, in any order. */
interface Deliveries {
  readonly versions: readonly TestEntity[];
  readonly chunks: readonly (readonly TestEntity[])[];
  readonly atOnce: boolean;
}

const states = fc.constantFrom('ACTIVE', 'ACTIVE', 'DELETED', 'DRAFT');
const deliveries: fc.Arbitrary<Deliveries> = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), states), { minLength: 1, maxLength: 8 })
  .map((drawn) => drawn.map(([id, state], index) => version(id, index + 1, state)))
  .chain((versions) =>
    fc.record({
      versions: fc.constant(versions),
      chunks: fc.array(fc.subarray([...versions], { minLength: 1 }), { maxLength: 4 }).chain((repeated) =>
        fc
          .shuffledSubarray([...repeated, ...versions.map((one) => [one])], {
            minLength: repeated.length + versions.length,
          })
          .chain((chunks) =>
            fc.tuple(...chunks.map((chunk) => fc.shuffledSubarray(chunk, { minLength: chunk.length }))),
          ),
      ),
      atOnce: fc.boolean(),
    }),
  );

/** Whether the chunks end in the newest versions. Keys of their own for each trial, so that nothing has to be cleared. */
function endsInTheNewest(
  target: OpenedTarget,
  channel: string,
  table: string,
  isKept: (one: TestEntity) => boolean,
) {
  return fc.asyncProperty(deliveries, async ({ versions, chunks, atOnce }) => {
    const prefix = `${(prefixes += 1)}-`;
    const work = chunks.map(
      (chunk) => () => target.store({ channel, entities: chunk.map((one) => named(one, prefix)) }, signal),
    );
    if (atOnce) await Promise.all(work.map((start) => start()));
    else for (const start of work) await start();
    const newest = new Map(versions.map((one) => [one.id, one]));
    const expected = [...newest.values()].filter(isKept).map(({ text }) => text);
    const { rows } = await postgres.sql(
      `SELECT data->>'text' AS text FROM ${table} WHERE id LIKE '${prefix}%'`,
      'orders',
    );
    expect(rows.map(({ text }) => text).toSorted(byText)).toEqual(expected.toSorted(byText));
  });
}

const isActive = ({ documentState }: TestEntity) => documentState === 'ACTIVE';
const kinds = [
  ['ORI_PERSON_CHANNEL', 'persons', isActive],
  ['KORI_EDUCATION_CHANNEL', 'educations', ({ documentState }: TestEntity) => documentState !== 'DELETED'],
  ['ILMO_ENROLMENT_CHANNEL', 'enrolments', () => true],
] as const;

describe('any order and repetition of chunks ends in the newest versions', () => {
  test.each(kinds)('%s', async (channel, table, isKept) => {
    const target = await openTarget(url);
    await fc.assert(endsInTheNewest(target, channel, table, isKept), { numRuns: 60 });
    await target.close();
  });

  test('twin: without the check of ordinals it does not', async () => {
    const target = await openTarget(url, {
      statements: changed('WHERE excluded.modification_ordinal > t.modification_ordinal', ''),
    });
    expect((await fc.check(endsInTheNewest(target, ...kinds[2]), { numRuns: 200 })).failed).toBe(true);
    await target.close();
  });

  test('twin: without tombstones it does not', async () => {
    const target = await openTarget(url, { statements: changed('g.modification_ordinal >= ', '0 > ') });
    expect((await fc.check(endsInTheNewest(target, ...kinds[0]), { numRuns: 200 })).failed).toBe(true);
    await target.close();
  });

  test('snapshots keep every version', async () => {
    const target = await openTarget(url);
    const property = fc.asyncProperty(deliveries, async ({ versions, chunks }) => {
      const prefix = `${(prefixes += 1)}-`;
      for (const chunk of chunks) {
        const entities = chunk.map((one) => named(one, prefix));
        await target.store({ channel: 'KORI_ORGANISATION_CHANNEL', entities }, signal);
      }
      const { rows } = await postgres.sql(
        `SELECT data->>'text' AS text FROM organisations WHERE id LIKE '${prefix}%'`,
        'orders',
      );
      expect(rows.map(({ text }) => text).toSorted(byText)).toEqual(
        versions.map(({ text }) => text).toSorted(byText),
      );
    });
    await fc.assert(property, { numRuns: 30 });
    await target.close();
  });
});

describe('a late older version beside a removal that is just being committed', () => {
  const channel = 'ORI_PERSON_CHANNEL';

  /** Puts an older version in while the removal is put in but not committed. @returns the rows in the end */
  async function race(id: string, target: OpenedTarget): Promise<unknown[]> {
    const other = await postgres.connect('orders');
    const kind = {
      channel,
      table: 'persons',
      key: [{ field: 'id', column: 'id' }],
      keeps: { versions: 'newest', removedBy: 'inactive' },
    } as const;
    const { store, settle = '' } = statementsFor(kind, 'public');
    const removal = [
      JSON.stringify([{ id, name: id, ordinal: 5, state: 'DELETED', removed: true, data: {} }]),
    ];
    await other.query('BEGIN');
    await other.query(store, removal);
    const late = target.store({ channel, entities: [version(id, 3)] }, signal);
    await waiting(1);
    await other.query(settle, removal);
    await other.query('COMMIT');
    await late;
    return (await postgres.sql(`SELECT id FROM persons WHERE id = '${id}'`, 'orders')).rows;
  }

  test('waits for it and stays away', async () => {
    const target = await openTarget(url);
    expect(await race('race', target)).toEqual([]);
    await target.close();
  });

  test('twin: without a second look it comes back', async () => {
    const target = await openTarget(url, {
      statements: (...given) => ({ ...statementsFor(...given), settle: undefined }),
    });
    expect(await race('twin', target)).toEqual([{ id: 'twin' }]);
    await target.close();
  });
});

describe('consumers with the same keys in other orders', () => {
  const ids = Array.from({ length: 200 }, (_, index) => `shared-${index}`);

  /** @returns how many deadlocks Postgres had to break */
  async function write(statements = statementsFor): Promise<number> {
    const before = await deadlocks();
    const targets = await Promise.all([openTarget(url, { statements }), openTarget(url, { statements })]);
    const rounds = Array.from({ length: 12 }, (_, round) => round);
    await Promise.all(
      rounds.flatMap((round) =>
        targets.map(async (target, index) => {
          const entities = ids.map((id) =>
            version(id, 2 * round + index + 1, round % 3 === 2 ? 'DELETED' : 'ACTIVE'),
          );
          await target.store(
            { channel: 'ORI_ATTAINMENT_CHANNEL', entities: index === 0 ? entities : entities.toReversed() },
            signal,
          );
        }),
      ),
    );
    await Promise.all(targets.map((target) => target.close()));
    return (await deadlocks()) - before;
  }

  test('never deadlock, and all end in the newest', async () => {
    expect(await write()).toBe(0);
    expect(await rowsLeft()).toEqual([{ rows: 0, removed: 200 }]);
  });

  test('twin: without an order they do, and each is done all the same, by trying again', async () => {
    await postgres.sql("DELETE FROM sluice_tombstones WHERE table_name = 'attainments'", 'orders');
    expect(await write(changed('ORDER BY c.id COLLATE "C"', ''))).toBeGreaterThan(0);
    expect(await rowsLeft()).toEqual([{ rows: 0, removed: 200 }]);
  });
});

/** The statements with something in them replaced. */
function changed(from: string, to: string): typeof statementsFor {
  return (...given) => {
    const { store, settle } = statementsFor(...given);
    if (!store.includes(from)) throw new Error(`no "${from}" in ${store}`);
    return { store: store.replaceAll(from, to), settle: settle?.replaceAll(from, to) };
  };
}

async function waiting(count: number): Promise<void> {
  await until(async () => {
    const { rows } = await postgres.sql('SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted');
    return rows[0]?.['count'] === count;
  });
}

/** Counted when a session ends, at the latest. */
async function deadlocks(): Promise<number> {
  await until(async () => {
    const { rows } = await postgres.sql(
      "SELECT FROM pg_stat_activity WHERE application_name = 'sluice:consumer'",
    );
    return rows.length === 0;
  });
  const { rows } = await postgres.sql(
    "SELECT pg_stat_clear_snapshot(), deadlocks::int FROM pg_stat_database WHERE datname = 'orders'",
  );
  return Number(rows[0]?.['deadlocks']);
}

async function rowsLeft() {
  const { rows } = await postgres.sql(
    `SELECT (SELECT count(*)::int FROM attainments) AS rows,
            (SELECT count(*)::int FROM sluice_tombstones WHERE table_name = 'attainments' AND modification_ordinal = 24) AS removed`,
    'orders',
  );
  return rows;
}

function byText(one: unknown, other: unknown): number {
  return String(one).localeCompare(String(other));
}

function named(one: TestEntity, prefix: string): TestEntity {
  return { ...one, id: `${prefix}${one.id}` };
}
