import { expect, test } from 'vitest';
import { noFacts } from '../../../../src/view/tui/state/facts.ts';
import type { RunView } from '../../../../src/view/tui/state/live-run.ts';
import { createPageMap } from '../../../../src/view/tui/state/page-map.ts';
import { whyNotFaster } from '../../../../src/view/tui/state/why.ts';

const now = 1_800_000_000_000;

const run: RunView = {
  runId: 'r1',
  mode: 'LOAD',
  startedAt: now - 20_000,
  resumed: false,
  workers: 4,
  window: undefined,
  ordinal: undefined,
  waiting: undefined,
  total: 100_000,
  read: 20_000,
  confirmed: 19_000,
  reread: 0,
  dead: 0,
  again: 0,
  fraction: 0.19,
  rate: 1000,
  eta: 80,
  requestRate: 10,
  spark: [],
  latency: { mean: 200, p95: 300 },
  busy: 0.97,
  retries: 0,
  tooMany: 0,
  readers: [],
  pagesRead: 200,
  pagesConfirmed: 199,
  pagesExpected: 1000,
  recordsPerPage: 100,
  pages: createPageMap(),
};
const down = { queue: 'redis', reason: 'ECONNREFUSED', since: now, retryAt: now };
const full = [{ queue: 'lists', reason: '10,000 jobs wait', workers: 0 }];
const retry = { at: now - 1000, until: now + 30_000, reason: '429 from api' };
const quit = { by: 'q', until: now, running: 1 };

test.each([
  ['readers always wait for the source', run, {}, 'worker_count 4 is the limit: 6 would give up to +50 %'],
  ['one reader', { ...run, workers: 1 }, {}, 'worker_count 1 is the limit: 2 would give up to +100 %'],
  [
    'no more connections to be had',
    { ...run, workers: 10 },
    {},
    "the source's latency is the limit, with 10 readers at once",
  ],
  ['the queue is down', run, { down }, 'redis is down: reading waits for it'],
  [
    'the queue is full',
    run,
    { full },
    'the queue is full (10,000 jobs wait, no workers take them): reading waits for room',
  ],
  ['the source said wait', run, { retry }, '429 from api: the next attempt is in 30 s'],
  ['draining', run, { quit, retry }, 'it is draining: no new page is asked for'],
  ['just begun', { ...run, total: undefined }, {}, 'it is asking the source how much there is'],
  ['too early to say', { ...run, rate: undefined }, {}, undefined],
  ['fewer pages than readers so far', { ...run, pagesRead: 3 }, {}, undefined],
  ['nearly done', { ...run, pagesRead: 997 }, {}, 'the last pages are read'],
  [
    'the sink is slower',
    { ...run, busy: 0.3, pagesConfirmed: 192 },
    {},
    'the queue is slower than the source: 8 pages wait to be confirmed',
  ],
  [
    'neither',
    { ...run, busy: 0.4 },
    {},
    'readers wait for the source 40 % of the time: the rest goes into publishing',
  ],
])('%s', (_name, view, facts, sentence) => {
  expect(whyNotFaster(view, { ...noFacts, ...facts }, now)).toBe(sentence);
});

test('an old retry is no reason any more', () => {
  const old = { at: now - 60_000, until: now - 30_000, reason: '429 from api' };
  expect(whyNotFaster(run, { ...noFacts, retry: old }, now)).toContain('worker_count');
});

test('of a chained run says whether the source or consumers are the limit', () => {
  const chain: RunView = { ...run, total: undefined, ordinal: 248_119_004, workers: 2, pagesExpected: 0 };
  const why = (change: Partial<RunView>) => whyNotFaster({ ...chain, ...change }, noFacts, now);
  expect(why({ busy: 0.9 })).toBe('the source is the limit: it is read one page after the other');
  expect(why({ busy: 0.2 })).toBe('it waits for the source 20 % of the time');
  const waiting = { chunks: 3, workers: 1, queue: 'queue "importer-queue"' };
  expect(why({ busy: 0.2, waiting })).toBe(
    'consumers are the limit: 3 chunks wait for 1 worker, at most 2 pages ahead of them (worker_count)',
  );
  expect(why({ waiting: { ...waiting, workers: 0 } })).toBe(
    '3 chunks wait for consumers, 0 workers on queue "importer-queue"',
  );
});
