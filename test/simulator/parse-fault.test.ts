import { describe, expect, test } from 'vitest';
import { SettingError } from '../../src/model/errors.ts';
import { createFaults } from '../../src/simulator/fault.ts';
import { faultForms, parseFault } from '../../src/simulator/parse-fault.ts';
import { createRandom } from '../../src/simulator/random.ts';

describe('a fault is read', () => {
  test('with its kind, probability and options', () => {
    expect(parseFault('429:0.05:retry-after=2:times=3:skip=4:on=members')).toEqual({
      name: '429:0.05:retry-after=2:times=3:skip=4:on=members',
      effect: { type: 'status', status: 429, empty: false, retryAfter: { form: 'seconds', seconds: 2 } },
      probability: 0.05,
      times: 3,
      skip: 4,
      on: 'members',
    });
  });

  test.each([
    ['403:0.01:empty', { type: 'status', status: 403, empty: true, retryAfter: undefined }],
    [
      '503:retry-after=date',
      { type: 'status', status: 503, empty: false, retryAfter: { form: 'date', seconds: 2 } },
    ],
    [
      '503:1:retry-after=date+7',
      { type: 'status', status: 503, empty: false, retryAfter: { form: 'date', seconds: 7 } },
    ],
    ['truncate:0.01', { type: 'truncate', framed: false }],
    ['truncate:framed', { type: 'truncate', framed: true }],
    ['stall', { type: 'stall' }],
    ['reset:0.01', { type: 'reset' }],
    ['hang:0.01', { type: 'hang' }],
    ['slow:0.05', { type: 'slow', ms: 3000 }],
    ['slow:0.05:ms=20', { type: 'slow', ms: 20 }],
    ['html:0.01', { type: 'html' }],
  ])('%s', (text, effect) => {
    expect(parseFault(text).effect).toEqual(effect);
  });

  test('strikes every time and for ever unless told otherwise', () => {
    expect(parseFault('reset')).toMatchObject({ probability: 1, times: Infinity, skip: 0, on: undefined });
    expect(parseFault('reset:0:once')).toMatchObject({ probability: 0, times: 1 });
  });

  test('in every form the help shows', () => {
    for (const [form] of faultForms) expect(parseFault(form).name).toBe(form);
  });

  test.each([
    ['', 'a status from 400 to 599'],
    ['200:0.1', 'a status from 400 to 599'],
    ['explode', 'one of truncate, stall, reset, hang, slow, html'],
    ['429:5', 'a probability from 0 to 1, not "5"'],
    ['429:1.2.3', 'a probability from 0 to 1'],
    ['429:0.1:retry-after=soon', '"retry-after=" with seconds, "date" or "date+SECONDS"'],
    ['reset:0.1:ms=3', 'no "ms" here'],
    ['slow:0.1:ms=fast', 'a whole number after "ms="'],
    ['500:1:times=0.5', 'a whole number after "times="'],
    ['500:1:on=moon', '"on=" with one of ping, lists, list, members, other'],
    ['500:1:empty=yes', '"empty" without a value'],
    ['500:1:twice', 'no "twice" here'],
  ])('"%s" is refused with what was expected', (text, expected) => {
    expect(() => parseFault(text)).toThrow(SettingError);
    expect(() => parseFault(text)).toThrow(expected);
  });
});

const strikes = (text: string, requests: number, seed = 1): number[] => {
  const draw = createFaults([parseFault(text)], createRandom(seed));
  return Array.from({ length: requests }, (_, index) => index).filter(() => draw('members') !== undefined);
};

describe('a fault strikes', () => {
  test('about as often as it says, and the same requests for the same seed', () => {
    expect(strikes('500:0.1', 2_000).length).toBeGreaterThan(150);
    expect(strikes('500:0.1', 2_000).length).toBeLessThan(250);
    expect(strikes('500:0.1', 2_000)).toEqual(strikes('500:0.1', 2_000));
    expect(strikes('500:0.1', 2_000)).not.toEqual(strikes('500:0.1', 2_000, 2));
    expect(strikes('500:0', 2_000)).toEqual([]);
  });

  test('at most as many times as it says, after the requests it lets pass', () => {
    expect(strikes('500:1:times=2:skip=3', 10)).toEqual([3, 4]);
    expect(strikes('500:once', 10)).toEqual([0]);
  });

  test('only the kind of request it names', () => {
    const draw = createFaults([parseFault('500:on=ping'), parseFault('503')], createRandom(1));
    expect(draw('ping')?.name).toBe('500:on=ping');
    expect(draw('members')?.name).toBe('503');
  });
});
