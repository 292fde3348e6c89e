import { createServer } from 'node:http';
import { answer, findPlace, type Account } from './answer.ts';
import { checkOptions } from './check-options.ts';
import { createControls, type Controls } from './controls.ts';
import { refuse } from './credentials.ts';
import type { RequestKind } from './fault.ts';
import { listen, shut } from './listen.ts';
import type { MailchimpOptions } from './mailchimp-options.ts';
import { createMemberBook, type MemberBook } from './member-book.ts';
import { createMemberList } from './member-list.ts';
import { createPopulation } from './population.ts';
import { problem } from './problem.ts';
import { scatter } from './random.ts';
import { createRequestListener } from './serve.ts';

export interface MailchimpSimulator extends MemberBook, Controls<RequestKind> {
  /** `http://127.0.0.1:PORT/3.0`: what to put into MAILCHIMP_URL. */
  readonly url: string;
  readonly apiKey: string;
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
  const { controls, desk } = createControls(options, scatter(seed, 0));

  const server = createServer({ keepAliveTimeout: 60_000 });
  const base = `http://127.0.0.1:${await listen(server, port)}/3.0`;
  const account: Account = {
    base,
    lists: new Map(
      Object.entries(lists).map(([id, members], index) => {
        const population = createPopulation({
          members,
          seed: scatter(seed, index + 1),
          now: desk.now,
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
    ...desk,
    kindOf: (path = '') => findPlace(path).kind,
    refuse: ({ headers }) => refuse(headers.authorization, apiKey),
    look: ({ method, path, query }) =>
      method === 'GET' ? answer(account, findPlace(path), query) : problem(405),
    maxConnections: options.maxConnections ?? 10,
    errorsAt: 'https://mailchimp.com/developer/marketing/docs/errors/',
  });
  server.on('request', listener);

  return {
    ...createMemberBook(account.lists),
    ...controls,
    // Once more, as the line above copies what the count is at this moment.
    get requests() {
      return controls.requests;
    },
    url: base,
    apiKey,
    close: () => shut(server),
  };
}
