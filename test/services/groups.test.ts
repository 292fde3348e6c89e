import { describe, expect, onTestFinished, test } from 'vitest';
import type { Entry } from '../../src/model/entry.ts';
import { createCatalogue } from '../../src/services/catalogue.ts';
import { sisuServices } from '../../src/services/sisu.ts';

function open() {
  const catalogue = createCatalogue();
  onTestFinished(() => catalogue.close());
  return catalogue;
}

const fault = (entry: Entry): string | undefined => {
  const found = open().check(entry);
  return found && `${found.field} ${found.message}`;
};

describe('the group "sisu"', () => {
  test('is all 26 services in the old order of importance', () => {
    expect([...open().groups]).toEqual([['sisu', sisuServices.map(({ id }) => id)]]);
    expect(open().groups.get('sisu')).toHaveLength(26);
  });

  test('and each of its services may stand in the file once, other services as often as one likes', () => {
    const catalogue = open();
    expect(catalogue.single({ service: 'sisu' })).toBe('sisu');
    expect(catalogue.single({ service: 'PERSON' })).toBe('PERSON');
    expect(catalogue.single({ service: 'COUNTRY' })).toBe('COUNTRY');
    expect(catalogue.single({ service: 'demo' })).toBeUndefined();
    expect(catalogue.single({ list_id: 'a' })).toBeUndefined();
  });

  test.each<[string, Entry, string | undefined]>([
    ['nothing else', { service: 'sisu' }, undefined],
    ['ordinals by service', { service: 'sisu', latest_ordinal: { PERSON: 5, PLAN: 0 } }, undefined],
    ['null', { service: 'sisu', latest_ordinal: null }, undefined],
    [
      'one number',
      { service: 'sisu', latest_ordinal: 5 },
      'latest_ordinal must be an object by service, like { "PERSON": 5 }',
    ],
    [
      'a service that is none of it',
      { service: 'sisu', latest_ordinal: { PERSONS: 5 } },
      'latest_ordinal knows no service "PERSONS"',
    ],
    [
      'too large pages',
      { service: 'sisu', items_per_request: 10_001 },
      'items_per_request must be at most 10000: SISU gives no larger pages',
    ],
    [
      'an account',
      { service: 'sisu', account: 'x' },
      'account does not fit here: SISU has one set of credentials',
    ],
    [
      'an object for one service',
      { service: 'PERSON', latest_ordinal: { PERSON: 5 } },
      'latest_ordinal must be a whole number or null: this is one service',
    ],
    ['one word for all', { service: 'sisu', paused: true }, undefined],
    ['a word for some', { service: 'sisu', paused: { PERSON: true, PLAN: false } }, undefined],
    [
      'a word for a service that is none of it',
      { service: 'sisu', paused: { PERSONS: true } },
      'paused knows no service "PERSONS"',
    ],
    [
      'a word by service for one service',
      { service: 'PERSON', paused: { PERSON: true } },
      'paused must be true or false: this is one service',
    ],
    [
      'a word by service for a list',
      { list_id: 'a', paused: { a: true } },
      'paused must be true or false: this is one list',
    ],
  ])('with %s', (_what, entry, message) => {
    expect(fault(entry)).toBe(message);
  });

  test('is not run as such: its services are', () => {
    expect(() => open().of({ service: 'sisu' })).toThrow(RangeError);
  });
});
