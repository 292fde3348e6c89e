import type { Clock } from '../model/clock.ts';
import { ConsumerError, type Recovery, SluiceError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import { visible } from '../model/visible.ts';
import { createOnce } from '../queue/once.ts';
import type { PostgresTarget } from '../queue/postgres-url.ts';
import { badEntity } from './bad-entity.ts';
import { type ChunkRecord, readChunk } from './chunk.ts';
import { type Kind, kindOf } from './kinds.ts';
import { type Attempt, createPatience } from './patience.ts';
import { postgresFailure } from './postgres-failure.ts';
import { createTransactions, type Run } from './postgres-pool.ts';
import { prepareTables } from './prepare-tables.ts';
import { rowsToSettle, rowsToStore } from './rows.ts';
import { type Statements, statementsFor } from './statements.ts';
import type { Chunk, Target } from './target.ts';
import { unstorableSign } from './unstorable.ts';
import { winners } from './winners.ts';

export interface PostgresTargetOptions {
  readonly target: PostgresTarget;
  /** Where the tables are; undefined is where the connection's own search_path leads. */
  readonly schema: string | undefined;
  /** How many chunks are stored at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly emit: Emit;
}

/**
 * The tables of the old importer's database, by key and ordinal (systems.md 5.1): a chunk is one transaction, the
 * greatest ordinal of a key wins whatever comes first or twice, and a removed key stays removed for older versions.
 * A server that is away is waited for.
 */
export function createPostgresTarget(options: PostgresTargetOptions, statements = statementsFor): Target {
  const { target, clock, emit } = options;
  const { name } = target;
  const transactions = createTransactions(target, options.concurrency, clock);
  const patience = createPatience(name, clock, emit);
  const closing = new AbortController();
  const prepared = createOnce(async () => {
    const { schema, made } = await transactions.run(closing.signal, (run) =>
      prepareTables(run, name, options.schema),
    );
    const message = `${name}: made ${made} tables in the schema "${schema}"`;
    if (made > 0) emit({ type: 'notice', level: 'info', topic: 'consumer', message });
    return schema;
  });

  return {
    name,
    async prepare(signal) {
      await patience.wait(signal, () => attempt(signal, 'config', prepared.get));
    },
    async store(chunk, signal) {
      const rows = readRows(chunk);
      if (rows.records.length === 0) return;
      await patience.wait(signal, () =>
        attempt(signal, 'skip', async () => {
          const schema = await prepared.get();
          try {
            await transactions.run(signal, (run) => storeRows(run, statements(rows.kind, schema), rows));
          } catch (thrown) {
            const { code, message } = postgresFailure(thrown, name);
            throw code === 'consumer.refused' ? refusal(rows, message) : thrown;
          }
        }),
      );
    },
    async close() {
      closing.abort();
      await transactions.close();
    },
  };

  /** Every failure is waited out but those of one recovery: which error nothing but this caller can deal with. */
  async function attempt<T>(
    signal: AbortSignal,
    giveUpOn: Recovery,
    work: () => Promise<T>,
  ): Promise<Attempt<T>> {
    try {
      return { kind: 'done', value: await work() };
    } catch (thrown) {
      if (signal.aborted || closing.signal.aborted) throw thrown;
      const error = thrown instanceof SluiceError ? thrown : postgresFailure(thrown, name);
      if (error.recovery === giveUpOn) throw error;
      if (error.code === 'consumer.no-tables') prepared.forget();
      return error.code === 'consumer.conflict' ? { kind: 'conflict' } : { kind: 'away', error };
    }
  }
}

interface Rows {
  readonly kind: Kind;
  readonly records: readonly ChunkRecord[];
}

function readRows({ channel, entities }: Chunk): Rows {
  const kind = kindOf(channel);
  if (!kind)
    throw new ConsumerError(`${visible(channel)} is no channel that has a table`, {
      code: 'consumer.unknown-channel',
      recovery: 'skip',
      hint: 'Only the channels of the SISU services do; --to ndjson:FILE and module:FILE take every channel.',
    });
  const records = readChunk(kind, entities);
  for (const { name, json } of records) {
    const sign = unstorableSign(json);
    if (sign !== undefined) throw badEntity(channel, name, `holds ${sign}, which Postgres cannot store`);
  }
  return { kind, records: winners(kind.keeps, records) };
}

async function storeRows(run: Run, { store, settle }: Statements, { kind, records }: Rows): Promise<void> {
  await run(store, [rowsToStore(kind, records)]);
  if (settle !== undefined) await run(settle, [rowsToSettle(kind, records)]);
}

/** What Postgres refuses is in one of the entities; in a chunk of several, bisecting finds out in which (S15). */
function refusal({ kind, records }: Rows, reason: string): ConsumerError {
  const [first, ...others] = records;
  const name = others.length === 0 ? (first?.name ?? '') : `one of ${records.length} entities`;
  return badEntity(kind.channel, name, `is refused by Postgres: ${reason}`);
}
