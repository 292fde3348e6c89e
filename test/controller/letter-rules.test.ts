import { describe, expect, test } from 'vitest';
import { isMeant, refusalOf, retryId } from '../../src/controller/letter-rules.ts';
import type { LetterFilter } from '../../src/model/letters.ts';

const letter = {
  id: 1,
  entry: 'e1/PERSON',
  label: 'service "PERSON"',
  service: 'PERSON',
  key: 'otm-1',
  version: 7,
  reason: 'TypeError: metadata is missing',
  attempts: 3,
  first: 100,
  last: 200,
  retrying: undefined,
  isOvertaken: false,
};

const meant = (filter: LetterFilter, ...named: readonly string[]) =>
  isMeant(letter, filter, { service: new Set(named), entry: new Set(named) });

describe('a filter means a letter', () => {
  test('when everything it says is so', () => {
    expect(meant({})).toBe(true);
    expect(meant({ service: 'PERSON', reason: 'METADATA', since: 200 })).toBe(true);
    expect(meant({ service: 'PERSON', reason: 'other', since: 200 })).toBe(false);
    expect(meant({ service: 'PERSON_GROUP' })).toBe(false);
    expect(meant({ since: 201 })).toBe(false);
  });

  test('by what its entry is called, whole, or by who that is in the file', () => {
    expect(meant({ entry: 'PERSON' })).toBe(true);
    expect(meant({ entry: 'service "PERSON"' })).toBe(true);
    expect(meant({ entry: 'PERS' })).toBe(false);
    expect(meant({ entry: 'sisu' })).toBe(false);
    expect(meant({ entry: 'sisu' }, 'e1')).toBe(true);
    expect(meant({ entry: 'sisu' }, 'e2')).toBe(false);
  });

  test('by the group that its service stands in', () => {
    expect(meant({ service: 'sisu' }, 'e1')).toBe(true);
    expect(meant({ service: 'sisu' }, 'e2')).toBe(false);
    const alone = { ...letter, entry: 'e1' };
    expect(isMeant(alone, { service: 'sisu' }, { service: new Set(['e1']), entry: new Set() })).toBe(false);
  });
});

test('what has no key, or no place to go to, cannot be published again', () => {
  const place = { queue: 'q', job: 'j', grade: 'queued' } as const;
  expect(refusalOf({ key: 'k', place, chunk: 'c' })).toBeUndefined();
  expect(refusalOf({ key: undefined, place, chunk: 'c' })).toContain('it has no key');
  expect(refusalOf({ key: 'k', place: undefined, chunk: 'c' })).toContain('not noted where it was bound for');
  expect(refusalOf({ key: 'k', place, chunk: undefined })).toContain('not noted');
});

test('a retry has an id of its own (S12)', () => {
  expect(retryId('r1-0-0-abc-a', 2)).toBe('r1-0-0-abc-a-r2');
});
