import { createServer } from 'node:http';
import type { Account } from './answer.ts';
import { checkOptions } from './check-options.ts';
import { createFaults, type Fault } from './fault.ts';
import { listen } from './listen.ts';
import type { MailchimpOptions } from './mailchimp-options.ts';
import { createMemberBook, type MemberBook } from './member-book.ts';
import { createMemberList } from './member-list.ts';
import { createPopulation } from './population.ts';
import { createRandom, scatter } from './random.ts';
import { createRequestCounter, type RequestCounts } from './request-counts.ts';
import { createRequestListener } from './serve.ts';

export interface MailchimpSimulator extends MemberBook {
  /** `http://127.0.0.1:PORT/3.0`: what to put into MAILCHIMP_URL. */
  readonly url: string;
  readonly apiKey: string;
  /** What it has been asked so far. */
  readonly requests: RequestCounts;
  /** The simulator's clock, epoch milliseconds. */
  now(): number;
  /** Puts the simulator's clock forward. */
  advance(ms: number): void;
  /** Replaces all faults; they count anew. */
  setFaults(faults: readonly Fault[]): void;
  /** From the next request on. */
  setLatency(ms: number): void;
  /** Breaks all connections and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in for the Mailchimp Marketing API 3.0 (apis.md 1): ping, lists, and members that change while they
 * are read, by seed and clock alone. Rejects with SettingError for an option that cannot be and a port that is taken.
 */
export async function startMailchimp(options: MailchimpOptions = {}): Promise<MailchimpSimulator> {
  checkOptions(options);
  const { port = 0, lists = { demo: 1000 }, seed = 1, apiKey = 'simulator-us1' } = options;
  const clock = options.now ?? Date.now;
  let ahead = 0;
  let latencyMs = options.latencyMs ?? 0;
  const chance = createRandom(scatter(seed, 0));
  let drawFault = createFaults(options.faults ?? [], chance);
  const now = (): number => clock() + ahead;
  const counter = createRequestCounter();

  const server = createServer({ keepAliveTimeout: 60_000 });
  const base = `http://127.0.0.1:${await listen(server, port)}/3.0`;
  const account: Account = {
    base,
    lists: new Map(
      Object.entries(lists).map(([id, members], index) => {
        const population = createPopulation({
          members,
          seed: scatter(seed, index + 1),
          now,
          changesPerSecond: options.changesPerSecond ?? 0,
          departuresPerSecond: options.departuresPerSecond ?? 0,
          joinsPerSecond: options.joinsPerSecond ?? 0,
        });
        return [id, createMemberList(id, base, population)];
      }),
    ),
    bounds: { since: false, before: false, ...options.boundsInclusive },
  };
  const listener = createRequestListener({
    account,
    apiKey,
    maxConnections: options.maxConnections ?? 10,
    counter,
    now,
    latencyMs: () => latencyMs,
    drawFault: (kind) => drawFault(kind),
    onAnswer: options.onAnswer ?? (() => {}),
  });
  server.on('request', listener);

  return {
    ...createMemberBook(account.lists),
    url: base,
    apiKey,
    get requests() {
      return counter.counts();
    },
    now,
    advance(ms) {
      ahead += ms;
    },
    setFaults(faults) {
      drawFault = createFaults(faults, chance);
    },
    setLatency(ms) {
      latencyMs = ms;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
