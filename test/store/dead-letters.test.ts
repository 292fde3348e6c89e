import { describe, expect, test } from 'vitest';
import type { DeadLetter, SinkPlace } from '../../src/model/record.ts';
import type { DeadLetterStore } from '../../src/store/dead-letters.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';

const place: SinkPlace = { queue: 'importer-queue', job: 'ORI_PERSON_CHANNEL', grade: 'processed' };

function letter(different: Partial<DeadLetter> = {}): DeadLetter {
  return {
    service: 'lists',
    key: undefined,
    reason: 'the record has no key',
    payload: { email: 'a' },
    ...different,
  };
}

/** A letter as a consumer's refusal makes it. */
function refused(different: Partial<DeadLetter> = {}): DeadLetter {
  const died = { service: 'PERSON', key: 'otm-1', reason: 'metadata is missing', stack: 'at store' };
  return letter({ ...died, attempts: 3, chunk: 'r1-0-0-abc-a', version: 7, ...different });
}

test('a dead letter is kept once, however often a resumed run comes by', () => {
  const folder = storeFolder();
  const store = openIn(folder);
  store.deadLetters.add('r1', [letter(), letter()], 1, place);
  store.deadLetters.add('r1', [letter()], 2, place);
  expect(store.deadLetters.count()).toBe(1);
  store.close();
  const after = openIn(folder);
  after.deadLetters.add('r1', [letter()], 3, place);
  expect(after.deadLetters.list()).toMatchObject([{ attempts: 1, first: 1, last: 1 }]);
});

test('dead letters of different records, keys or services are all kept', () => {
  const { deadLetters } = openIn(storeFolder());
  deadLetters.add('r1', [letter(), letter({ payload: { email: 'b' } }), letter({ key: 'k' })], 1, place);
  deadLetters.add('r2', [letter({ service: 'PERSON' })], 1, place);
  expect(deadLetters.count()).toBe(4);
});

test('all that is known of a letter is kept, also over a restart', () => {
  const folder = storeFolder();
  const store = openIn(folder);
  store.deadLetters.add('r1', [refused()], 5, place);
  store.close();
  expect(openIn(folder).deadLetters.find(1)).toEqual({
    id: 1,
    run: 'r1',
    entry: '',
    label: '',
    service: 'PERSON',
    key: 'otm-1',
    version: 7,
    reason: 'metadata is missing',
    stack: 'at store',
    text: '{"email":"a"}',
    place,
    chunk: 'r1-0-0-abc-a',
    attempts: 3,
    first: 5,
    last: 5,
    retries: 0,
    retrying: undefined,
    isOvertaken: false,
  });
});

describe('a record that dies again in another run', () => {
  test('is one letter still: attempts add up and the newest version counts', () => {
    const { deadLetters } = openIn(storeFolder());
    deadLetters.add('r1', [refused()], 5, place);
    const newer = { payload: { email: 'b' }, version: 9, reason: 'worse', chunk: 'r2-0-0-def' };
    deadLetters.add('r2', [refused(newer)], 8, place);
    expect(deadLetters.count()).toBe(1);
    expect(deadLetters.find(1)).toMatchObject({
      run: 'r2',
      reason: 'worse',
      text: '{"email":"b"}',
      version: 9,
      chunk: 'r2-0-0-def',
      attempts: 6,
      first: 5,
      last: 8,
    });
  });

  test('does not go back to an older version that was committed late', () => {
    const { deadLetters } = openIn(storeFolder());
    deadLetters.add('r1', [refused({ version: 9 })], 5, place);
    deadLetters.add('r2', [refused({ version: 8, payload: { email: 'old' } })], 8, place);
    expect(deadLetters.find(1)).toMatchObject({ version: 9, text: '{"email":"a"}', attempts: 6, last: 8 });
  });

  test('ends a retry of the older version: its delivery says nothing of the newer one', () => {
    const { deadLetters } = openIn(storeFolder());
    deadLetters.add('r1', [refused()], 5, place);
    deadLetters.begin(1, 'r1-0-0-abc-a-r1');
    deadLetters.add('r2', [refused({ version: 9, payload: { email: 'b' } })], 8, place);
    expect(deadLetters.underWay()).toEqual([]);
    expect(deadLetters.delivered(1, 'r1-0-0-abc-a-r1')).toBe(false);
    expect(deadLetters.count()).toBe(1);
  });
});

function isOvertaken(deadLetters: DeadLetterStore): Readonly<Record<string, boolean>> {
  return Object.fromEntries(deadLetters.list().map(({ key, isOvertaken: is }) => [key, is]));
}

describe('a record that is published again', () => {
  test('overtakes its letter, and no other', () => {
    const { deadLetters } = openIn(storeFolder());
    deadLetters.add('r1', [refused({ key: 'a' }), refused({ key: 'b' })], 5, place);
    deadLetters.overtake(place, ['a', 'c']);
    expect(isOvertaken(deadLetters)).toEqual({ a: true, b: false });
    expect(deadLetters.find(1)).toMatchObject({ isOvertaken: true });
  });

  test('elsewhere overtakes nothing', () => {
    const { deadLetters } = openIn(storeFolder());
    deadLetters.add('r1', [refused({ key: 'a' })], 5, place);
    deadLetters.overtake({ ...place, queue: 'other' }, ['a']);
    deadLetters.overtake({ ...place, job: 'other' }, ['a']);
    expect(isOvertaken(deadLetters)).toEqual({ a: false });
  });

  test('and dies again is the newest once more, in a later run or when the same page comes again', () => {
    const { deadLetters } = openIn(storeFolder());
    deadLetters.add('r1', [refused({ key: 'a' })], 5, place);
    deadLetters.overtake(place, ['a']);
    deadLetters.add('r1', [refused({ key: 'a' })], 5, place);
    expect(isOvertaken(deadLetters)).toEqual({ a: false });
    deadLetters.overtake(place, ['a']);
    deadLetters.add('r2', [refused({ key: 'a', version: 99 })], 8, place);
    expect(isOvertaken(deadLetters)).toEqual({ a: false });
  });

  test('in a newer version stays so when an older one, committed late, dies after it', () => {
    const { deadLetters } = openIn(storeFolder());
    deadLetters.add('r1', [refused({ key: 'a', version: 9 })], 5, place);
    deadLetters.overtake(place, ['a']);
    deadLetters.add('r2', [refused({ key: 'a', version: 8 })], 8, place);
    expect(isOvertaken(deadLetters)).toEqual({ a: true });
  });
});

describe('a retry', () => {
  test('that is delivered takes the letter away', () => {
    const { deadLetters } = openIn(storeFolder());
    deadLetters.add('r1', [refused()], 5, place);
    deadLetters.begin(1, 'x-r1');
    expect(deadLetters.underWay()).toEqual([1]);
    expect(deadLetters.delivered(1, 'x-r1')).toBe(true);
    expect(deadLetters.count()).toBe(0);
  });

  test('that fails leaves the letter with what happened', () => {
    const { deadLetters } = openIn(storeFolder());
    deadLetters.add('r1', [refused()], 5, place);
    deadLetters.begin(1, 'x-r1');
    const failure = { reason: 'still bad', stack: undefined, attempts: 3 };
    expect(deadLetters.failed(1, 'another', failure, 9)).toBe(false);
    expect(deadLetters.failed(1, 'x-r1', failure, 9)).toBe(true);
    expect(deadLetters.find(1)).toMatchObject({
      reason: 'still bad',
      stack: undefined,
      attempts: 6,
      first: 5,
      last: 9,
      retries: 1,
      retrying: undefined,
    });
  });

  test('of which nothing is known leaves the letter as it was', () => {
    const { deadLetters } = openIn(storeFolder());
    deadLetters.add('r1', [refused()], 5, place);
    deadLetters.begin(1, 'x-r1');
    deadLetters.abandon(1, 'x-r1');
    expect(deadLetters.find(1)).toMatchObject({ attempts: 3, last: 5, retries: 1, retrying: undefined });
  });
});

test('letters are listed newest first, without what makes them long', () => {
  const { deadLetters } = openIn(storeFolder());
  deadLetters.add('r1', [refused({ key: 'a' }), refused({ key: 'b' })], 5, place);
  deadLetters.add('r1', [refused({ key: 'c' })], 3, place);
  expect(deadLetters.list().map(({ key }) => key)).toEqual(['b', 'a', 'c']);
  expect(deadLetters.list(1).map(({ key }) => key)).toEqual(['b']);
  expect(deadLetters.list()[0]).not.toHaveProperty('text');
});

test('reasons and stacks of any length are kept bounded', () => {
  const { deadLetters } = openIn(storeFolder());
  deadLetters.add('r1', [refused({ reason: 'r'.repeat(9000), stack: 's'.repeat(90_000) })], 1, place);
  const { reason = '', stack = '' } = deadLetters.find(1) ?? {};
  expect([reason.length, stack.length]).toEqual([2000, 8000]);
});

test('what is dropped is gone, and what is not there does no harm', () => {
  const { deadLetters } = openIn(storeFolder());
  deadLetters.add('r1', [refused({ key: 'a' }), refused({ key: 'b' })], 5, place);
  expect(deadLetters.drop([1, 77])).toBe(1);
  expect(deadLetters.list().map(({ key }) => key)).toEqual(['b']);
});

test('dead letters are kept all or none', () => {
  const { deadLetters } = openIn(storeFolder());
  const broken = letter({ payload: { count: 1n } });
  expect(() => deadLetters.add('r1', [letter(), broken], 1, place)).toThrow('BigInt');
  expect(deadLetters.count()).toBe(0);
  deadLetters.add('r1', [letter()], 1, place);
  expect(deadLetters.count()).toBe(1);
});

test.each([
  ['without a key', (i: number) => letter({ payload: { i } })],
  ['with one', (i: number) => refused({ key: String(i), payload: { i } })],
])('thousands of dead letters %s are kept without looking at each other', (_name, make) => {
  const { deadLetters } = openIn(storeFolder());
  const letters = Array.from({ length: 20_000 }, (_, i) => make(i));
  const began = performance.now();
  deadLetters.add('r1', letters, 1, place);
  // Each compared with all before it takes minutes.
  expect(performance.now() - began).toBeLessThan(3000);
  expect(deadLetters.count()).toBe(20_000);
});
