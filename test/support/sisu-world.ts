import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { z } from 'zod';
import { createPostgresTarget } from '../../src/consumer/postgres.ts';
import { systemClock } from '../../src/model/clock.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { chooseQueue, parseQueueUrl } from '../../src/queue/url.ts';
import type { SisOptions } from '../../src/simulator/sis/options.ts';
import { type SisSimulator, startSis } from '../../src/simulator/sis/sis.ts';
import type { TestPostgres } from './postgres.ts';

/** A simulated SISU, an empty database for the importer's tables, and a state folder. What runs on it is a test's choice. */
export interface SisuWorld {
  readonly folder: string;
  readonly simulator: SisSimulator;
  /** Where consumers put it: what `--to` says. */
  readonly to: string;
  /** A connection to it; the tables are there. */
  readonly client: Client;
  /** The environment of controllers and consumers. */
  readonly env: Readonly<Record<string, string>>;
  writeState(...entries: readonly object[]): void;
  /** The entries of the file. */
  readState(): readonly Readonly<Record<string, unknown>>[];
  /** `latest_ordinal` of each service in the file, of the group's entry and of those with their own. */
  ordinals(): Readonly<Record<string, number>>;
  /** The dead letters. Only while no controller runs. */
  letters(): readonly Letter[];
  /** The ids of the POST_UPDATE jobs. Not while a controller with an embedded queue runs. */
  passes(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export type Letter = z.infer<typeof letterSchema>[number];

export interface SisuWorldOptions {
  /** QUEUE_URL. */
  readonly queue: string;
  readonly postgres: TestPostgres;
  readonly sis: SisOptions;
  readonly env?: Readonly<Record<string, string>>;
}

let databases = 0;

export async function openSisuWorld({
  queue,
  postgres,
  sis,
  env = {},
}: SisuWorldOptions): Promise<SisuWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sisu-'));
  const simulator = await startSis(sis);
  const database = `sisu_${(databases += 1)}`;
  const to = await postgres.database(database);
  await makeTables(to);
  const client = await postgres.connect(database);
  const variables = {
    QUEUE_URL: queue,
    SIS_API_URL: simulator.url,
    SIS_PUBLIC_URL: simulator.publicUrl,
    CONSUME_TO: to,
    ...env,
  };
  const readState = () => stateSchema.parse(JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')));

  return {
    folder,
    simulator,
    to,
    client,
    env: variables,
    writeState: (...entries) =>
      writeFileSync(join(folder, 'state.json'), `${JSON.stringify(entries, null, 2)}\n`),
    readState,
    ordinals: () => Object.assign({}, ...readState().map(ordinalsOf)),
    letters() {
      const db = new DatabaseSync(join(folder, 'sluice.db'), { readOnly: true });
      try {
        return letterSchema.parse(db.prepare('SELECT service, key, reason, payload FROM dead_letter').all());
      } finally {
        db.close();
      }
    },
    async passes() {
      mkdirSync(join(folder, 'queue'), { recursive: true });
      const store = await openQueueStore(chooseQueue(variables), { folder: join(folder, 'queue') });
      try {
        const jobs = await store.queue('post-update').peek(10_000, AbortSignal.timeout(20_000));
        return jobs.map(({ id, name, data }) => {
          if (name !== 'POST_UPDATE' || JSON.stringify(data) !== '{"success":true}')
            throw new Error(`${name} ${JSON.stringify(data)} is no word of a pass`);
          return id;
        });
      } finally {
        await store.close();
      }
    },
    async close() {
      await simulator.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

const stateSchema = z.array(
  z.looseObject({
    service: z.string().optional(),
    latest_ordinal: z.union([z.number(), z.record(z.string(), z.number().nullable())]).nullish(),
  }),
);

const letterSchema = z.array(
  z.object({
    service: z.string(),
    key: z.string().nullable(),
    reason: z.string(),
    payload: z.string().transform((text): unknown => JSON.parse(text)),
  }),
);

function ordinalsOf({
  service = '',
  latest_ordinal: ordinal,
}: z.infer<typeof stateSchema>[number]): Record<string, number> {
  if (typeof ordinal === 'number') return { [service]: ordinal };
  return Object.fromEntries(Object.entries(ordinal ?? {}).map(([member, reached]) => [member, reached ?? 0]));
}

/** As the first consumer does, so that a test can look into them from the start. */
async function makeTables(url: string): Promise<void> {
  const target = parseQueueUrl(url);
  if (target.kind !== 'postgres') throw new Error('no Postgres URL');
  const options = { target, schema: undefined, concurrency: 1, clock: systemClock, emit: () => {} };
  const tables = createPostgresTarget(options);
  await tables.prepare(AbortSignal.timeout(20_000));
  await tables.close();
}
