import { expect, test } from 'vitest';
import { controllerFields, entryLabel, serviceName, windowFields } from '../../src/model/entry.ts';

test('an entry is called by its list or its service', () => {
  expect(entryLabel({ list_id: '1a2d' })).toBe('list "1a2d"');
  expect(entryLabel({ service: 'demo' })).toBe('service "demo"');
  expect(entryLabel({ list_id: '1a2d', service: 'demo' })).toBe('list "1a2d"');
  expect(entryLabel({})).toBe('service "?"');
});

test('a list without a service is run by the service lists', () => {
  expect(serviceName({ list_id: '1a2d' })).toBe('lists');
  expect(serviceName({ list_id: '1a2d', service: 'demo' })).toBe('demo');
});

test('the controller owns four fields, and seven shape the window (S1)', () => {
  expect(controllerFields).toEqual([
    'latest_timestamp',
    'latest_ordinal',
    'elapsed_seconds',
    'total_updates',
  ]);
  expect(windowFields).toEqual([
    'list_id',
    'service',
    'account',
    'start_offset',
    'sink',
    'latest_timestamp',
    'latest_ordinal',
  ]);
});
