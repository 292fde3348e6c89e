import { describe, expect, test } from 'vitest';
import { chooseFields, parseFields } from '../../src/simulator/fields.ts';

const sample = {
  items: [{ id: 1, merge_fields: { A: 1, B: 2 }, place: { lat: 1, zone: { name: 'x' } } }],
  total: 1,
};

function choose(query: string): unknown {
  const fields = parseFields(new URLSearchParams(query), sample);
  return 'status' in fields ? fields.status : chooseFields(sample, fields);
}

describe('fields and exclude_fields', () => {
  test.each([
    ['', sample],
    ['fields=total', { total: 1 }],
    ['fields=items.id, total', { items: [{ id: 1 }], total: 1 }],
    ['fields=items.place.zone.name,items.place.lat', { items: [{ place: { lat: 1, zone: { name: 'x' } } }] }],
    ['fields=items.id,items', { items: sample.items }],
    ['fields=items.merge_fields.A', { items: [{ merge_fields: { A: 1 } }] }],
    ['fields=items.merge_fields.NOT_IN_THE_SAMPLE', { items: [{ merge_fields: {} }] }],
    ['exclude_fields=items', { total: 1 }],
    ['exclude_fields=items,items.id', { total: 1 }],
    [
      'exclude_fields=items.merge_fields,items.place.lat,total',
      { items: [{ id: 1, place: { zone: { name: 'x' } } }] },
    ],
    ['fields=nope', 422],
    ['fields=total.nope', 422],
    ['exclude_fields=items.nope', 422],
    ['fields=items&exclude_fields=total', 400],
    ['fields=items&exclude_fields=', { items: sample.items }],
  ])('%s', (query, expected) => {
    expect(choose(query)).toEqual(expected);
  });

  test('below a property of the answer choose the same as in the whole', () => {
    const fields = parseFields(new URLSearchParams('exclude_fields=items.id'), sample);
    if ('status' in fields) throw new Error('refused');
    expect(chooseFields(sample.items[0], fields, ['items'])).toEqual({
      merge_fields: { A: 1, B: 2 },
      place: sample.items[0]?.place,
    });
    expect(chooseFields([], fields, ['total'])).toEqual([]);
  });
});
