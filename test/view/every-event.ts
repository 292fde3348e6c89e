import { SluiceError, SourceError } from '../../src/model/errors.ts';
import type { EventBody, SluiceEvent } from '../../src/model/events.ts';
import { noTotals } from '../../src/model/run-totals.ts';

/** 2026-11-21 10:51:16 UTC. */
export const at = Date.UTC(2026, 10, 21, 10, 51, 16);

const entry = { key: 'k1', label: 'list "1a2d"' };
const run = { entry, runId: 'r0123456789a' };
const totals = {
  ...noTotals,
  read: 10_133,
  published: 10_120,
  requests: 104,
  slowestMs: 1234.5,
  bytes: 9_000_000,
  seconds: 12.3,
};
const problem = { file: 'state/state.json', line: 7, column: 3, message: 'expected a comma' };
const unauthorized = new SourceError('401 API Key Invalid', {
  code: 'source.unauthorized',
  recovery: 'config',
  hint: 'check MAILCHIMP_APIKEY',
  cause: new Error('the cause is for debuggers'),
});
const plainError = new SluiceError('something broke', { code: 'unexpected', recovery: 'retry' });

const bodies = [
  { type: 'controller.started', version: '0.1.0', state: 'state/state.json', queue: 'embedded:' },
  { type: 'controller.checked', entries: 2, due: 1, running: 1 },
  { type: 'controller.checked', entries: 1, due: 0, running: 0 },
  { type: 'controller.checked', entries: 0, due: 0, running: 0 },
  { type: 'controller.stopped', reason: 'controller.quit', seconds: 11_532 },
  {
    type: 'entries.known',
    entries: [
      {
        key: 'k1',
        id: '1a2d',
        label: 'list "1a2d"',
        service: 'lists',
        group: null,
        owner: null,
        state: 'failed',
        cursor: '2026-11-21T10:00:00Z',
        lastRun: { started: '2026-11-21T10:00:05.000Z', seconds: 12.3, read: 10_133, published: 10_120 },
        nextRun: null,
        cause: '401 API Key Invalid',
        workerCount: 8,
        itemsPerRequest: 100,
        paused: false,
      },
    ],
  },
  { type: 'state.changed', entries: 2 },
  { type: 'state.rejected', problem, kept: '2026-11-21T10:00:00Z' },
  { type: 'state.rejected', problem, kept: undefined },
  { type: 'state.accepted' },
  { type: 'entry.invalid', problem, label: 'service "nope"' },
  { type: 'entry.fresh', entry, cursor: '2026-11-21T10:00:00Z', next: at + 7_200_000 },
  { type: 'entry.fresh', entry, cursor: '2026-11-21T10:00:00Z', next: undefined },
  { type: 'entry.paused', entry },
  { type: 'run.started', ...run, mode: 'LOAD', resumed: false, workers: 8 },
  { type: 'run.started', ...run, mode: 'SYNC', resumed: true, workers: 1 },
  { type: 'run.window', ...run, window: { since: null, until: 1_795_258_000 }, total: 10_133 },
  { type: 'run.chain', ...run, cursor: 41_200, after: 41_000 },
  { type: 'run.chain', ...run, cursor: 0, after: 0 },
  { type: 'run.chain', ...run, cursor: 0, after: 41_500 },
  { type: 'run.advanced', ...run, cursor: 41_900 },
  { type: 'chunks.waiting', ...run, queue: 'importer-queue', chunks: 3, workers: 0, unattended: true },
  { type: 'chunks.waiting', ...run, queue: 'importer-queue', chunks: 0, workers: 2, unattended: false },
  { type: 'page.asked', ...run, page: 3, worker: 1 },
  { type: 'page.read', ...run, page: 3, worker: 0, offset: 300, records: 100, total: 10_133, ms: 81 },
  { type: 'page.reread', ...run, page: 3, records: 4 },
  { type: 'page.confirmed', ...run, page: 3, records: 100 },
  { type: 'run.again', ...run, read: 9990, total: 10_000 },
  { type: 'run.finished', ...run, cursor: '2026-11-21T10:51:00Z', totals },
  {
    type: 'run.finished',
    ...run,
    cursor: '2026-11-21T10:51:00Z',
    totals: {
      ...totals,
      reread: 12,
      ignored: 11,
      retried: 1,
      deadLetters: 1,
      requests: 1,
      waitedMs: { source: 900, queue: 20, workers: 9000, quota: 0 },
    },
  },
  { type: 'run.failed', ...run, error: unauthorized, retryAt: at + 60_000 },
  { type: 'run.failed', ...run, error: plainError, retryAt: undefined },
  { type: 'run.cancelled', ...run, reason: 'latest_timestamp was edited' },
  { type: 'run.cancelled', ...run, reason: 'you cancelled it', kept: 248_119_004 },
  { type: 'run.drained', ...run, published: 700 },
  { type: 'record.dead', entry, reason: 'it has no id', key: undefined },
  { type: 'record.dead', entry, reason: 'refused by the consumer', key: 'abc' },
  { type: 'letters.changed', letters: 16 },
  {
    type: 'source.retry',
    host: 'us1.api.mailchimp.com',
    reason: '429 from us1.api.mailchimp.com',
    attempt: 2,
    waitMs: 1500,
  },
  {
    type: 'source.retry',
    host: 'us1.api.mailchimp.com',
    reason: 'the answer was cut off',
    attempt: 1,
    waitMs: 30_000,
  },
  { type: 'queue.down', queue: 'redis://10.0.0.5:6379', reason: 'ECONNREFUSED', waitMs: 4000 },
  {
    type: 'queue.down',
    queue: 'redis://10.0.0.5:6379',
    reason: 'redis://10.0.0.5:6379 did not answer within 5 s',
    waitMs: 4000,
  },
  { type: 'queue.up', queue: 'redis://10.0.0.5:6379', downMs: 75_000 },
  { type: 'queue.full', queue: 'lists', reason: '10,000 jobs wait', workers: 0 },
  { type: 'queue.flowing', queue: 'lists', hasRoom: true },
  { type: 'quit.requested', by: 'SIGINT', running: 0, drainSeconds: 10 },
  { type: 'quit.requested', by: 'controller.quit', running: 1, drainSeconds: 10 },
  {
    type: 'notice',
    level: 'info',
    topic: 'quit',
    message: 'controller.quit is older than this start: removed',
  },
  { type: 'notice', level: 'warn', topic: 'queue', message: 'the eviction policy may lose jobs' },
  { type: 'notice', level: 'error', topic: 'state', message: 'the disk is full' },
] as const satisfies readonly EventBody[];

type Missing = Exclude<EventBody['type'], (typeof bodies)[number]['type']>;
// A new type of event that has no sample above is a type error here.
export const complete: [Missing] extends [never] ? true : never = true;

/** One event of each type at least. */
export const everyEvent: readonly SluiceEvent[] = bodies.map((body) => Object.assign({ at }, body));

/** The fields whose few values the program itself chooses. */
const ours = new Set(['type', 'level', 'mode']);

/** The same event with other words in every field that could hold an outside one. */
export function withTexts(event: SluiceEvent, text: () => string): SluiceEvent {
  const copy = { ...event };
  replaceTexts(copy, text);
  return copy;
}

function replaceTexts(target: object, text: () => string): void {
  for (const [name, value] of Object.entries(target)) {
    if (value instanceof SluiceError) {
      const { code, recovery } = value;
      const error = new SluiceError(text(), { code, recovery, hint: text(), cause: new Error(text()) });
      Reflect.set(target, name, error);
    } else if (typeof value === 'string') {
      if (!ours.has(name)) Reflect.set(target, name, text());
    } else if (typeof value === 'object' && value !== null) {
      const inner: object = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
      Reflect.set(target, name, inner);
      replaceTexts(inner, text);
    }
  }
}
