import { expect, test } from 'vitest';
import { createConsumeLog } from '../../src/cli/consume-log.ts';
import { manualClock } from '../state/manual-clock.ts';

function open(json: boolean) {
  const clock = manualClock();
  let printed = '';
  const print = (text: string): void => void (printed += text);
  const log = createConsumeLog({ print, clock }, { json, queue: 'importer-queue', secrets: ['geheim'] });
  return { clock, log, lines: () => printed.trimEnd().split('\n') };
}

const none = { chunks: 0, records: 0, failed: 0, reason: undefined };

test('says what was done since last time, and nothing when that is nothing', async () => {
  const { clock, log, lines } = open(false);
  log.started({ from: 'redis://h:6379', to: 'postgres://h:5432/db', concurrency: 1 });
  await clock.pass(5000);
  log.worked(none);
  const totals = { chunks: 12, records: 11_500, failed: 0, reason: undefined };
  await clock.pass(5000);
  log.worked(totals);
  await clock.pass(5000);
  log.worked(totals);
  await clock.pass(5000);
  log.worked({ ...totals, failed: 2, reason: 'X "p-1" has no usable id' });
  await clock.pass(5000);
  log.worked({ chunks: 13, records: 11_501, failed: 2, reason: 'X "p-1" has no usable id' });
  log.ended({ chunks: 13, records: 11_501, failed: 2, reason: 'X "p-1" has no usable id' });
  expect(lines()).toEqual([
    '2026-11-21T10:00:00Z INFO |consumer| taking one job at a time off "importer-queue" in redis://h:6379 into postgres://h:5432/db; ctrl-C ends it',
    '2026-11-21T10:00:10Z INFO |consumer| 12 chunks, 11,500 records stored, 0 failed; 2,300 records a second',
    '2026-11-21T10:00:20Z WARN |consumer| 12 chunks, 11,500 records stored, 2 failed (the last: X "p-1" has no usable id); 0 records a second',
    '2026-11-21T10:00:25Z INFO |consumer| 13 chunks, 11,501 records stored, 2 failed; 0 records a second',
    '2026-11-21T10:00:25Z INFO |consumer| done: 13 chunks, 11,501 records stored, 2 failed',
  ]);
});

test('says what the queue and the target tell, without secrets and control characters', () => {
  const { log, lines } = open(false);
  log.emit({ type: 'notice', level: 'warn', topic: 'consumer', message: 'geheim \x1b[2J' });
  log.emit({ type: 'queue.down', queue: 'redis://h', reason: 'gone', waitMs: 1000 });
  log.emit({ type: 'queue.up', queue: 'redis://h', downMs: 3400 });
  log.emit({ type: 'state.accepted' });
  expect(lines().map((line) => line.slice(21))).toEqual([
    String.raw`WARN |consumer| *** \x1b[2J`,
    'WARN |consumer| redis://h is away: gone; waiting for it',
    'INFO |consumer| redis://h works again after 3 s',
  ]);
});

test('with --json each line is an event', () => {
  const { log, lines } = open(true);
  log.started({ from: 'redis://h', to: 'ndjson:geheim', concurrency: 4 });
  log.worked({ ...none, chunks: 1 });
  log.say('info', 'hello');
  log.ended(none);
  const at = '2026-11-21T10:00:00.000Z';
  const queue = 'importer-queue';
  expect(lines().map((line): unknown => JSON.parse(line))).toEqual([
    { type: 'consumer.started', queue, from: 'redis://h', to: 'ndjson:***', concurrency: 4, at },
    { type: 'consumer.worked', queue, chunks: 1, records: 0, failed: 0, at },
    { type: 'notice', level: 'info', topic: 'consumer', message: 'hello', at },
    { type: 'consumer.ended', queue, chunks: 0, records: 0, failed: 0, at },
  ]);
});
