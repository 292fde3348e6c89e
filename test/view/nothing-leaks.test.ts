import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SluiceEvent } from '../../src/model/events.ts';
import { createRedactor } from '../../src/net/redact.ts';
import { createLogFile } from '../../src/view/log-file.ts';
import { createNdjsonView } from '../../src/view/ndjson.ts';
import { createPlainView } from '../../src/view/plain.ts';
import { createSnapshotStore } from '../../src/view/snapshot.ts';
import { summarize } from '../../src/view/summary.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { everyEvent, withTexts } from './every-event.ts';
import { hostileText, secret, unprintable } from './hostile.ts';

// Invariant 8: no secret and no control character from outside reaches a screen or a log.

type Redact = (text: string) => string;

/** Every event with the given texts in its fields, round and round. */
function eventsWith(texts: readonly string[]): readonly SluiceEvent[] {
  let next = 0;
  const text = (): string => texts[next++ % texts.length] ?? '';
  return everyEvent.map((event) => withTexts(event, text));
}

function planting(key: string, around: readonly (readonly [string, string])[]): readonly SluiceEvent[] {
  return eventsWith(around.map(([before, after]) => before + key + after));
}

/** What a person sees in the plain view, progress and last lines included. */
function plain(events: readonly SluiceEvent[], redact: Redact): string {
  let output = '';
  const snapshots = createSnapshotStore();
  const view = createPlainView({ write: (text) => (output += text), redact, snapshots });
  const show = (event: SluiceEvent): void => {
    snapshots.apply(event);
    view.show(event);
  };
  const starts = events.find(({ type }) => type === 'controller.started');
  if (starts) show(starts);
  for (const event of events) show(event);
  const begun = events.find(({ type }) => type === 'run.started');
  const page = events.find(({ type }) => type === 'page.confirmed');
  if (begun?.type === 'run.started' && page?.type === 'page.confirmed') {
    show(begun);
    show({ ...page, entry: begun.entry, at: begun.at + 60_000 });
    expect(output).toMatch(/published in 60 s/);
  }
  return output + summarize(snapshots.get(), Date.now(), events.length > 0 ? 'a log' : '', redact);
}

function ndjson(events: readonly SluiceEvent[], redact: Redact): string {
  let output = '';
  const view = createNdjsonView({ write: (text) => (output += text), redact });
  for (const event of events) view.show(event);
  return output;
}

/** Every text in a JSON value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const keep: Redact = (text) => text;

describe('a secret in every text of every event', () => {
  const planted = fc.record({
    key: secret,
    around: fc.array(fc.tuple(hostileText, hostileText), { minLength: 1, maxLength: 7 }),
  });
  test('comes out in no plain line', () => {
    fc.assert(
      fc.property(planted, ({ key, around }) => {
        const shown = plain(planting(key, around), createRedactor([key]));
        expect(shown).not.toContain(key);
      }),
      { numRuns: 100 },
    );
  });

  test('comes out in no line of NDJSON, and each line stays JSON', () => {
    fc.assert(
      fc.property(planted, ({ key, around }) => {
        for (const line of ndjson(planting(key, around), createRedactor([key]))
          .trimEnd()
          .split('\n')) {
          for (const text of textsIn(JSON.parse(line))) expect(text).not.toContain(key);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('comes out in no log file', () => {
    const folder = temporaryFolder();
    const key = 'pa"ss\\word-1';
    const log = createLogFile({
      folder,
      redact: createRedactor([key]),
      onProblem: (message) => expect.fail(message),
    });
    for (const event of planting(key, [
      ['key=', '&'],
      ['redis://u:', '@h'],
    ]))
      log.show(event);
    const text = readFileSync(log.path(everyEvent[0]?.at ?? 0), 'utf8');
    expect(text).toContain('***');
    expect(text).not.toContain('word-1');
  });

  test('twin: without a redactor it does', () => {
    const key = 'secret-us1';
    const leaky = planting(key, [['', '']]);
    expect(plain(leaky, keep)).toContain(key);
    expect(ndjson(leaky, keep)).toContain(key);
  });
});

describe('whatever is in the texts', () => {
  const texts = fc.array(hostileText, { minLength: 1, maxLength: 7 });

  test('the plain view prints nothing that a terminal acts on, and one line an event', () => {
    fc.assert(
      fc.property(texts, (words) => {
        const lines = plain(eventsWith(words), keep).split('\n');
        expect(lines.pop()).toBe('');
        for (const line of lines) expect(line).not.toMatch(unprintable);
        const summed = lines.findIndex((line) => line.startsWith('sluice ran '));
        for (const line of lines.slice(0, summed)) {
          expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (INFO|WARN|ERROR) \|/);
        }
      }),
    );
  });

  test('NDJSON has nothing that a terminal acts on either, and says exactly the same', () => {
    fc.assert(
      fc.property(texts, (words) => {
        const events = eventsWith(words);
        const lines = ndjson(events, keep).split('\n');
        expect(lines.pop()).toBe('');
        expect(lines).toHaveLength(events.length);
        for (const [index, line] of lines.entries()) {
          expect(line).not.toMatch(unprintable);
          const event = events[index];
          const said = event?.type === 'run.failed' ? { ...event, error: dataOf(event.error) } : event;
          const expected = { ...said, at: new Date(event?.at ?? 0).toISOString() };
          expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(expected)));
        }
      }),
    );
  });

  test('twin: as it comes, an escape sequence would reach the terminal', () => {
    const [event] = eventsWith(['\u001B[2J']);
    expect(JSON.stringify(event).replaceAll('\\u001b', '\u001B')).toMatch(unprintable);
    expect(ndjson(eventsWith(['\u009B2J\u202E']), keep)).toContain('\\u009b2J\\u202e');
  });
});

function dataOf({
  code,
  message,
  hint,
  recovery,
}: Extract<SluiceEvent, { type: 'run.failed' }>['error']): unknown {
  return { code, message, hint, recovery };
}
