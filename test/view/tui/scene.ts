import type { EventBody } from '../../../src/model/events.ts';
import { SourceError } from '../../../src/model/errors.ts';
import type { LetterBook } from '../../../src/model/letters.ts';
import type { RunRecord } from '../../../src/model/operator.ts';
import { noTotals } from '../../../src/model/run-totals.ts';
import type { EntryReport } from '../../../src/model/status.ts';
import type { Model, Ui } from '../../../src/view/tui/model.ts';
import { createClean } from '../../../src/view/tui/state/clean.ts';
import { createScreenStore, type ScreenStore } from '../../../src/view/tui/state/store.ts';
import { letterBookAt } from './letter-book.ts';
import { unicodeGlyphs } from '../../../src/view/tui/text/glyphs.ts';
import { startUi } from '../../../src/view/tui/ui.ts';

// Times on the screen are local ones.
process.env['TZ'] = 'UTC';

/** 2026-11-21 10:51:16 UTC, a Saturday. */
export const start = Date.UTC(2026, 10, 21, 10, 51, 16);
const minute = 60_000;
const hour = 60 * minute;

export function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** An entry in step, with what a test says differently. */
export function report(key: string, change: Partial<EntryReport> = {}): EntryReport {
  return {
    key,
    id: key,
    label: `list "${key}"`,
    service: 'lists',
    group: null,
    owner: null,
    state: 'ok',
    cursor: iso(start - 51 * minute),
    lastRun: { started: iso(start - 51 * minute), seconds: 1.6, read: 17, published: 17 },
    nextRun: iso(start + 9 * minute),
    cause: null,
    workerCount: 4,
    itemsPerRequest: 250,
    paused: false,
    ...change,
  };
}

const listName = { key: 'a', label: 'list "1a2d7ebf82"' };
const personName = { key: 'b', label: 'service "PERSON"' };

export const reports: readonly EntryReport[] = [
  report('a', {
    id: '1a2d7ebf82',
    label: listName.label,
    state: 'load',
    cursor: null,
    nextRun: null,
    lastRun: { started: iso(start - 2 * hour), seconds: 1.6, read: 10_133, published: 10_133 },
  }),
  report('b', {
    id: 'PERSON',
    label: personName.label,
    service: 'person',
    state: 'sync',
    cursor: 248_119_004,
  }),
  report('c', { id: 'COURSE_UNIT', label: 'service "COURSE_UNIT"', service: 'course_unit' }),
  report('d', {
    id: '9f31c0de11',
    label: 'list "9f31c0de11"',
    state: 'failed',
    cursor: iso(start - 160 * minute),
    lastRun: { started: iso(start - 280 * minute), seconds: 0.4, read: 0, published: 0 },
    nextRun: iso(start + 38_000),
    cause: '401 API Key Invalid - check MAILCHIMP_APIKEY',
  }),
  report('e', {
    id: '77aa00bb22',
    label: 'list "77aa00bb22"',
    state: 'paused',
    paused: true,
    cursor: iso(start - 3 * 24 * hour),
    lastRun: { started: iso(start - 3 * 24 * hour), seconds: 4, read: 5120, published: 5120 },
    nextRun: null,
  }),
  report('f', {
    id: 'kaupunki-日本語',
    label: 'list "kaupunki-日本語"',
    state: 'late',
    cursor: iso(start - 260 * minute),
    nextRun: iso(start),
  }),
  report('g', {
    id: 'broken',
    label: 'list "broken"',
    state: 'invalid',
    cursor: null,
    lastRun: null,
    nextRun: null,
    cause: 'line 12, column 3: "worker_count" must be a whole number from 1 to 64',
  }),
];

export const history: readonly RunRecord[] = Array.from({ length: 9 }, (_, at) => ({
  id: `run-${at}`,
  entry: 'abc'.charAt(at % 3),
  label: [listName.label, personName.label, 'service "COURSE_UNIT"'][at % 3] ?? '',
  result: at === 4 ? 'cancelled' : at === 7 ? 'stopped' : 'done',
  mode: at % 4 === 0 ? 'LOAD' : 'SYNC',
  started: start - at * 47 * minute,
  finished: start,
  error: at === 4 ? 'you cancelled it' : at === 7 ? '503 from us1.api.mailchimp.com' : undefined,
  totals: {
    ...noTotals,
    read: 10_133,
    published: 10_120,
    ignored: 13,
    requests: 42,
    retried: at === 5 ? 3 : 0,
    slowestMs: 1234,
    reread: 12,
    deadLetters: at === 5 ? 4 : 0,
    bytes: 1,
    seconds: 12.3,
    waitedMs: { source: 1, queue: at === 5 ? 9000 : 0, workers: 7000, quota: 0 },
  },
}));

/** What a screen reads of the dead letters, the third of them opened. */
function tellLetters(store: ScreenStore, book: LetterBook): void {
  store.setLetters(book.counts(), book.list({}));
  store.setLetter(book.show(3));
}

/** What a screen has been told, and the moment at which it is looked at. */
export interface Scene {
  readonly store: ScreenStore;
  readonly now: number;
}

/** Seven entries in every state; the first one has loaded for ten seconds, four readers, pages of 250. */
export function busyScene(redact: (text: string) => string = (text) => text): Scene {
  const store = createScreenStore(createClean(redact));
  let now = start;
  const tell = (event: EventBody): void => void store.apply({ at: now, ...event });
  tell({
    type: 'controller.started',
    version: '0.1.0',
    state: 'state/state.json',
    queue: 'redis://10.0.0.5:6379',
  });
  tell({ type: 'entries.known', entries: reports });
  tell({ type: 'controller.checked', entries: 7, due: 2, running: 2 });
  const run = { entry: listName, runId: 'r1' };
  tell({ type: 'run.started', ...run, mode: 'LOAD', resumed: false, workers: 4 });
  tell({ type: 'run.window', ...run, window: { since: null, until: start / 1000 - 5 }, total: 10_000 });
  tell({ type: 'run.started', entry: personName, runId: 'r2', mode: 'SYNC', resumed: true, workers: 2 });
  tell({
    type: 'source.retry',
    host: 'us1.api.mailchimp.com',
    reason: '429 from us1.api.mailchimp.com',
    attempt: 1,
    waitMs: 1500,
  });
  tell({ type: 'record.dead', entry: personName, reason: 'TypeError: metadata is missing', key: 'otm-4711' });
  for (let page = 0; page < 30; page += 1) {
    const worker = (page % 4) + 1;
    if (page % 4 === 0) now += 1300;
    tell({ type: 'page.asked', ...run, page: page + 4, worker });
    if (page >= 28) continue;
    const read = { page, worker, offset: page * 250, records: 250, total: 10_000, ms: 1280 + worker };
    tell({ type: 'page.read', ...run, ...read });
    if (page < 27) tell({ type: 'page.confirmed', ...run, page, records: 250 });
    tell({ type: 'page.asked', ...run, page: page + 4, worker });
  }
  tellLetters(store, letterBookAt(start));
  store.setReady();
  store.setHistory(history);
  store.setQueues(queues(0), start);
  store.setQueues(queues(27), start + 10_000);
  return { store, now: now + 400 };
}

function queues(jobs: number): Parameters<ScreenStore['setQueues']>[0] {
  const common = { delayed: 0, failed: 0, active: 0 };
  return [
    { name: 'importer-queue', waiting: jobs, completed: 1200, workers: 3, ...common, active: 2 },
    { name: 'post-update', waiting: 0, completed: 11, workers: 0, ...common, failed: 2 },
  ];
}

/** Everything that gets a banner, at once. */
export function troubledScene(): Scene {
  const { store, now } = busyScene();
  const tell = (event: EventBody): void => void store.apply({ at: now, ...event });
  const problem = { file: 'state/state.json', line: 7, column: 3, message: 'expected a comma' };
  tell({ type: 'state.rejected', problem, kept: '2026-11-21T10:51:16Z' });
  tell({ type: 'queue.down', queue: 'redis://10.0.0.5', reason: 'ECONNREFUSED', waitMs: 4000 });
  tell({ type: 'quit.requested', by: 'q', running: 2, drainSeconds: 26 });
  const error = new SourceError('401 API Key Invalid', {
    code: 'source.unauthorized',
    recovery: 'config',
    hint: 'check MAILCHIMP_APIKEY',
  });
  tell({ type: 'run.failed', entry: personName, runId: 'r2', error, retryAt: now + 60_000 });
  return { store, now };
}

/** A store that was told nothing yet. */
export function emptyScene(): Scene {
  return { store: createScreenStore(createClean((text) => text)), now: start };
}

export function modelOf(
  { store, now }: Scene,
  columns: number,
  rows: number,
  change: Partial<Ui> = {},
): Model {
  return {
    now,
    size: { columns, rows },
    glyphs: unicodeGlyphs,
    data: store.view(now),
    ui: { ...startUi('entries'), ...change },
  };
}
