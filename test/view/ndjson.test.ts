import { expect, test } from 'vitest';
import { createNdjsonView, isPage } from '../../src/view/ndjson.ts';
import { everyEvent } from './every-event.ts';

function show(redact = (text: string) => text): { lines: string[]; spare: boolean[] } {
  const lines: string[] = [];
  const spare: boolean[] = [];
  const write = (text: string, isSpare = false): void => {
    lines.push(text);
    spare.push(isSpare);
  };
  const view = createNdjsonView({ write, redact });
  for (const event of everyEvent) view.show(event);
  return { lines, spare };
}

test('every event is one line of JSON with its time and all of its fields', () => {
  const { lines } = show();
  expect(lines).toHaveLength(everyEvent.length);
  for (const [index, event] of everyEvent.entries()) {
    const line = lines[index] ?? '';
    expect(line).toMatch(/^\{[^\n]*\}\n$/);
    const parsed: unknown = JSON.parse(line);
    // What JSON.stringify makes of the event but for its error is just what should be there.
    const { error: _error, ...rest } = { error: undefined, ...event };
    const expected: object = JSON.parse(JSON.stringify({ ...rest, at: '2026-11-21T10:51:16.000Z' }));
    expect(parsed).toMatchObject(expected);
  }
});

test('an error is its code, message, hint and recovery, and nothing of its cause or stack', () => {
  const failed = everyEvent.filter(({ type }) => type === 'run.failed');
  const lines = show().lines.filter((line) => line.includes('"run.failed"'));
  expect(lines).toHaveLength(failed.length);
  expect(lines.join('')).toMatchInlineSnapshot(`
    "{"at":"2026-11-21T10:51:16.000Z","type":"run.failed","entry":{"key":"k1","label":"list \\"1a2d\\""},"runId":"r0123456789a","error":{"code":"source.unauthorized","message":"401 API Key Invalid","hint":"check MAILCHIMP_APIKEY","recovery":"config"},"retryAt":1795258336000}
    {"at":"2026-11-21T10:51:16.000Z","type":"run.failed","entry":{"key":"k1","label":"list \\"1a2d\\""},"runId":"r0123456789a","error":{"code":"unexpected","message":"something broke","recovery":"retry"}}
    "
  `);
});

test('only the events of single pages are spare', () => {
  const { spare } = show();
  expect(spare).toEqual(everyEvent.map(isPage));
  expect(everyEvent.filter(isPage).map(({ type }) => type)).toEqual([
    'page.asked',
    'page.read',
    'page.reread',
    'page.confirmed',
  ]);
});
