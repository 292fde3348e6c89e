import { describe, expect, test } from 'vitest';
import { SourceError } from '../../../../src/model/errors.ts';
import type { EventBody } from '../../../../src/model/events.ts';
import { noTotals } from '../../../../src/model/run-totals.ts';
import { type Facts, noFacts, reduceFacts } from '../../../../src/view/tui/state/facts.ts';
import { everyEvent } from '../../every-event.ts';
import { report, start } from '../scene.ts';

function after(facts: Facts, ...events: readonly (EventBody & { readonly at?: number })[]): Facts {
  return events.reduce((state, event) => reduceFacts(state, { at: start, ...event }), facts);
}

const entry = { key: 'a', label: 'list "a"' };
const run = { entry, runId: 'r1' };
const totals = { ...noTotals, read: 12, published: 10, requests: 2, deadLetters: 2, bytes: 1, seconds: 3 };

test('no event breaks it, and one that changes nothing gives the same facts back', () => {
  for (const event of everyEvent) {
    const facts = reduceFacts(noFacts, event);
    if (event.type.startsWith('page.')) expect(facts).toBe(noFacts);
  }
});

describe('the next check', () => {
  const check: EventBody = { type: 'controller.checked', entries: 1, due: 0, running: 0 };

  test('comes a minute after a regular one', () => {
    expect(after(noFacts, check).check).toEqual({ at: start, next: start + 60_000 });
  });

  test('is not moved by a check that something woke in between', () => {
    const facts = after(noFacts, check, { ...check, at: start + 20_000 });
    expect(facts.check).toEqual({ at: start + 20_000, next: start + 60_000 });
    expect(after(facts, { ...check, at: start + 59_000 }).check?.next).toBe(start + 119_000);
  });
});

test('a run that ends says so of its entry before the next check does', () => {
  const known = after(noFacts, {
    type: 'entries.known',
    entries: [report('a', { state: 'load' }), report('b')],
  });
  const done = after(known, { type: 'run.finished', ...run, cursor: '2026-11-21T10:51:00Z', totals });
  expect(done.reports?.[0]).toMatchObject({
    state: 'ok',
    cursor: '2026-11-21T10:51:00Z',
    lastRun: { started: '2026-11-21T10:51:13.000Z', published: 10 },
  });
  expect(done.reports?.[1]).toBe(known.reports?.[1]);
  const error = new SourceError('401 API Key Invalid', {
    code: 'source.unauthorized',
    recovery: 'config',
    hint: 'check it',
  });
  const failed = after(done, { type: 'run.failed', ...run, error, retryAt: start + 60_000 });
  expect(failed.reports?.[0]).toMatchObject({
    state: 'failed',
    cause: '401 API Key Invalid - check it',
    nextRun: '2026-11-21T10:52:16.000Z',
  });
});

test('a bad file is a problem until it is good or changed', () => {
  const problem = { file: 'state.json', line: 7, column: 3, message: 'expected a comma' };
  const bad = after(noFacts, { type: 'state.rejected', problem, kept: undefined });
  expect(bad.problem?.text).toBe('state.json line 7, column 3: expected a comma');
  expect(after(bad, { type: 'state.accepted' }).problem).toBeUndefined();
  expect(after(bad, { type: 'state.changed', entries: 2 }).problem).toBeUndefined();
});

test('a queue that stays down is down since the first time', () => {
  const reason = 'ECONNREFUSED';
  const down = { type: 'queue.down', queue: 'redis', reason, waitMs: 1000 } as const;
  const facts = after(noFacts, down, { ...down, at: start + 5000, waitMs: 4000 });
  expect(facts.down).toEqual({ queue: 'redis', reason, since: start, retryAt: start + 9000 });
  expect(after(facts, { type: 'queue.up', queue: 'redis', downMs: 1 }).down).toBeUndefined();
});

test('queues fill and flow one by one', () => {
  const full = { type: 'queue.full', reason: '10,000 jobs wait', workers: 0 } as const;
  const facts = after(
    noFacts,
    { ...full, queue: 'a' },
    { ...full, queue: 'b' },
    { ...full, queue: 'a', workers: 2 },
  );
  expect(facts.full.map(({ queue, workers }) => `${queue} ${workers}`)).toEqual(['b 0', 'a 2']);
  expect(
    after(facts, { type: 'queue.flowing', queue: 'a', hasRoom: true }).full.map(({ queue }) => queue),
  ).toEqual(['b']);
});
