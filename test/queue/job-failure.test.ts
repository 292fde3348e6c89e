import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobFailure, LONGEST_REASON, LONGEST_STACK } from '../../src/queue/job-failure.ts';

test('whatever is thrown becomes a plain error with a bounded text that every store can hold', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.repeat(50));
  const lone = fc
    .constantFrom('\uD83E', '\uDD8A', '\0')
    .chain((odd) => texts.map((text) => `${text}${odd}${text}`));
  const thrown = fc.oneof(
    fc.oneof(texts, lone).map((text) => new TypeError(text)),
    fc.oneof(texts, lone),
    fc.anything(),
  );
  fc.assert(
    fc.property(thrown, (value) => {
      const failure = jobFailure(value);
      expect(Object.getPrototypeOf(failure)).toBe(Error.prototype);
      for (const [text, longest] of [
        [failure.message, LONGEST_REASON],
        [failure.stack ?? '', LONGEST_STACK],
      ] as const) {
        expect(text.length).toBeLessThanOrEqual(longest);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain('\0');
      }
    }),
  );
});

test('a text that can be stored stays as it is', () => {
  const text = 'id 17: \u001B[31mred\u0007 \r\n\tñ 🦊 \u202E';
  expect(jobFailure(new Error(text)).message).toBe(text);
  expect(jobFailure(text).message).toBe(text);
  expect(jobFailure('x'.repeat(LONGEST_REASON)).message).toBe('x'.repeat(LONGEST_REASON));
});

test('an error without words is told by its name, one without a stack has none', () => {
  expect(jobFailure(new RangeError()).message).toBe('RangeError');
  expect(jobFailure('text').stack).toBe('');
  expect(jobFailure(undefined).message).toBe('undefined');
});
