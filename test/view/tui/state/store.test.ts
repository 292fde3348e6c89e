import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameOf } from '../../../../src/view/tui/frame.ts';
import { createClean } from '../../../../src/view/tui/state/clean.ts';
import { queueRows } from '../../../../src/view/tui/state/queue-rows.ts';
import { createScreenStore } from '../../../../src/view/tui/state/store.ts';
import { plainText } from '../../../../src/view/tui/text/line.ts';
import { everyEvent, withTexts } from '../../every-event.ts';
import { hostileText, unprintable } from '../../hostile.ts';
import { history, modelOf, report, start } from '../scene.ts';

describe('text from outside', () => {
  const hidden = 'pa55w0rd-of-somebody';
  const clean = createClean((text) => text.replaceAll(hidden, '***'));

  // The entries are told below, as they carry states that are no outside text.
  const others = everyEvent.filter(({ type }) => type !== 'entries.known');

  test('in whatever field of whatever event leaves no control character and no secret on any screen', () => {
    fc.assert(
      fc.property(hostileText, fc.constantFrom(...others), (text, event) => {
        const store = createScreenStore(clean);
        const odd = `${text}${hidden}`;
        const known = report('k1', { label: odd, id: odd, cause: odd, state: 'failed', service: odd });
        store.apply({ at: start, type: 'entries.known', entries: [known] });
        store.apply(withTexts(event, () => odd));
        store.setQueues(
          [{ name: odd, waiting: 1, active: 0, delayed: 0, failed: 0, completed: 0, workers: 0 }],
          start,
        );
        const [run] = history;
        if (run) store.setHistory([{ ...run, label: odd, error: odd }]);
        store.setReady();
        for (const screen of ['entries', 'entry', 'queues', 'runs', 'dead', 'log']) {
          const trail = [{ screen, entry: 'k1' }] as const;
          for (const line of frameOf(modelOf({ store, now: start }, 200, 30, { trail }))) {
            expect(plainText(line)).not.toMatch(unprintable);
            expect(plainText(line)).not.toContain(hidden);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('twin: a cleaner that lets everything through is found out', () => {
    const store = createScreenStore((text) => text);
    store.apply({ at: start, type: 'entries.known', entries: [report('k1', { id: 'x\u001B[2J' })] });
    const frame = frameOf(modelOf({ store, now: start }, 200, 30))
      .map(plainText)
      .join('');
    expect(frame).toMatch(unprintable);
  });

  test('a secret at the place where a long text is cut does not show its first half', () => {
    expect(clean(`${'x'.repeat(1990)}${hidden}`)).not.toContain('pa55');
    expect(clean('y'.repeat(90_000)).length).toBeLessThan(2100);
  });

  test('an entry keeps the id that commands take', () => {
    const store = createScreenStore(clean);
    store.apply({ at: start, type: 'entries.known', entries: [report('k1', { id: 'bell\u0007' })] });
    expect(store.view(start).entries[0]?.report.id).toBe('bell\\x07');
    expect(store.idOf('k1')).toBe('bell\u0007');
  });
});

test('what changes nothing on the screen says so', () => {
  const store = createScreenStore((text) => text);
  const run = { entry: { key: 'a', label: 'a' }, runId: 'r' };
  expect(store.apply({ at: start, type: 'page.confirmed', ...run, page: 1, records: 1 })).toBe(false);
  expect(store.setQueues([], start)).toBe(true);
  expect(store.setQueues([], start + 1000)).toBe(false);
  store.apply({ at: start, type: 'run.started', ...run, mode: 'SYNC', resumed: false, workers: 1 });
  expect(store.apply({ at: start, type: 'page.confirmed', ...run, page: 1, records: 1 })).toBe(true);
  expect(store.isRunning()).toBe(true);
  store.apply({ at: start, type: 'run.drained', ...run, published: 1 });
  expect(store.isRunning()).toBe(false);
});

test('the log keeps its newest 2,000 lines or a few more, each with a name of its own', () => {
  const store = createScreenStore((text) => text);
  for (let at = 1; at <= 9000; at += 1)
    store.apply({ at, type: 'notice', level: 'info', topic: 'x', message: `line ${at}` });
  const { log } = store.view(start);
  expect(log.at(-1)).toMatchObject({ id: 9000, text: 'line 9000' });
  expect(log.length).toBeGreaterThanOrEqual(2000);
  expect(log.length).toBeLessThanOrEqual(2500);
  expect(new Set(log.map(({ id }) => id)).size).toBe(log.length);
});

describe('what goes through a queue a second', () => {
  const queue = { name: 'q', waiting: 10, active: 0, delayed: 0, failed: 0, completed: 100, workers: 1 };

  test('is unknown at the first look and never negative when finished jobs are removed', () => {
    expect(queueRows([queue], start, undefined)).toMatchObject([{ inRate: undefined, outRate: undefined }]);
    const before = { queues: [queue], at: start };
    const later = { ...queue, waiting: 25, completed: 110 };
    expect(queueRows([later], start + 5000, before)).toMatchObject([{ inRate: 5, outRate: 2 }]);
    expect(queueRows([{ ...queue, completed: 0 }], start + 5000, before)).toMatchObject([
      { inRate: 0, outRate: 0 },
    ]);
    expect(queueRows([later], start, before)).toMatchObject([{ inRate: undefined }]);
  });
});
