import { EventEmitter } from 'node:events';
import type { PGlite } from '@electric-sql/pglite';
import type { PgNotification, PgPool, PgPoolClient, PgQueryResult } from 'bullmq';

/** The part of PGlite the pool needs. */
export type PgliteDatabase = Pick<PGlite, 'query' | 'exec' | 'onNotification'>;

/**
 * A `pg.Pool` as BullMQ uses one, over the one session of a PGlite database. Closing the pool leaves the database open.
 */
export interface PglitePool extends PgPool {
  /** The names clients gave their connections: how BullMQ's workers make themselves known. */
  clientNames(): readonly string[];
}

/**
 * Clients share the database statement by statement; one that opens a transaction has it to itself until the
 * transaction ends, as there is only one session. `afterStatement` runs after statements outside of transactions,
 * while nobody else can use the database.
 */
export function createPglitePool(database: PgliteDatabase, afterStatement?: () => Promise<void>): PglitePool {
  return new Pool(database, afterStatement);
}

type Release = () => void;

class Pool extends EventEmitter implements PglitePool {
  readonly #database: PgliteDatabase;
  readonly #afterStatement: (() => Promise<void>) | undefined;
  readonly #turns = createTurns();
  readonly #clients = new Set<Client>();
  readonly #stopListening: () => void;

  constructor(database: PgliteDatabase, afterStatement?: () => Promise<void>) {
    super();
    // Each BullMQ object adds listeners of its own to the shared pool.
    this.setMaxListeners(0);
    this.#database = database;
    this.#afterStatement = afterStatement;
    this.#stopListening = database.onNotification((channel, payload) => {
      const notification: PgNotification = { channel, payload };
      for (const client of this.#clients) client.emit('notification', notification);
    });
  }

  async query(text: string, params?: readonly unknown[]): Promise<PgQueryResult> {
    const release = await this.#turns.take();
    try {
      return await this.#execute(text, params);
    } finally {
      this.#leave(release);
    }
  }

  connect(): Promise<PgPoolClient> {
    const client = new Client({
      take: () => this.#turns.take(),
      execute: (text, params) => this.#execute(text, params),
      leave: (release) => this.#leave(release),
      forget: () => this.#clients.delete(client),
    });
    this.#clients.add(client);
    return Promise.resolve(client);
  }

  clientNames(): readonly string[] {
    return [...this.#clients].map((client) => client.name).filter((name) => name !== '');
  }

  async end(): Promise<void> {
    this.#stopListening();
    this.#clients.clear();
  }

  // Several statements in one text (a migration) need the simple protocol, parameters the extended one.
  async #execute(text: string, params?: readonly unknown[]): Promise<PgQueryResult> {
    const result =
      params === undefined
        ? (await this.#database.exec(text)).at(-1)
        : await this.#database.query(text, [...params]);
    return { rows: result?.rows ?? [], rowCount: result?.affectedRows ?? 0 };
  }

  // The caller has its answer; only the next statement waits. What fails here is met again by that statement.
  #leave(release: Release): void {
    if (this.#afterStatement) this.#afterStatement().then(release, release);
    else release();
  }
}

interface Session {
  take(): Promise<Release>;
  execute(text: string, params?: readonly unknown[]): Promise<PgQueryResult>;
  leave(release: Release): void;
  forget(): void;
}

class Client extends EventEmitter implements PgPoolClient {
  name = '';
  readonly #session: Session;
  /** Held from BEGIN to COMMIT or ROLLBACK. */
  #transaction: Release | undefined;

  constructor(session: Session) {
    super();
    this.setMaxListeners(0);
    this.#session = session;
  }

  async query(text: string, params?: readonly unknown[]): Promise<PgQueryResult> {
    // The name belongs to the connection in Postgres; here all connections are one, and the last would win.
    if (/set_config\('application_name'/.test(text)) {
      const name = params?.[0];
      this.name = typeof name === 'string' ? name : '';
      return { rows: [], rowCount: 0 };
    }
    if (this.#transaction) return this.#inTransaction(this.#transaction, text, params);
    const release = await this.#session.take();
    if (/^\s*(BEGIN|START\s+TRANSACTION)\b/i.test(text)) return this.#begin(release, text, params);
    try {
      return await this.#session.execute(text, params);
    } finally {
      this.#session.leave(release);
    }
  }

  release(): void {
    this.#session.forget();
    this.removeAllListeners('notification');
    const open = this.#transaction;
    if (!open) return;
    this.#transaction = undefined;
    this.#session.execute('ROLLBACK').then(open, open);
  }

  async #begin(release: Release, text: string, params?: readonly unknown[]): Promise<PgQueryResult> {
    try {
      const result = await this.#session.execute(text, params);
      this.#transaction = release;
      return result;
    } catch (error) {
      release();
      throw error;
    }
  }

  async #inTransaction(release: Release, text: string, params?: readonly unknown[]): Promise<PgQueryResult> {
    const ends = /^\s*(COMMIT|END|ABORT|ROLLBACK(?!\s+TO\b))\b/i.test(text);
    try {
      return await this.#session.execute(text, params);
    } finally {
      // A COMMIT that fails has rolled back.
      if (ends) {
        this.#transaction = undefined;
        release();
      }
    }
  }
}

/** First come, first served. */
function createTurns() {
  let last: Promise<void> = Promise.resolve();
  return {
    async take(): Promise<Release> {
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await before;
      return resolve;
    },
  };
}
