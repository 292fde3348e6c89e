import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { parseState } from '../../src/state/parse.ts';
import { entryFields, stateJsonSchema } from '../../src/state/schema.ts';
import { settingsJsonSchema } from '../../src/state/settings-schema.ts';

const shipped = (name: string): string => new URL(`../../state/${name}`, import.meta.url).pathname;
const asFile = (schema: unknown): string => `${JSON.stringify(schema, undefined, 2)}\n`;

// After a change of a schema: vitest run test/state/schema.test.ts -u
test('the shipped schema of the state file is the generated one', async () => {
  await expect(asFile(stateJsonSchema())).toMatchFileSnapshot(shipped('state.schema.json'));
});

test('the shipped schema of the settings is the generated one', async () => {
  await expect(asFile(settingsJsonSchema())).toMatchFileSnapshot(shipped('settings.schema.json'));
});

test('every field and setting has a description', () => {
  for (const name of ['state.schema.json', 'settings.schema.json']) {
    const text = readFileSync(shipped(name), 'utf8');
    const schema = JSON.parse(text);
    for (const [field, described] of Object.entries((schema.items ?? schema).properties)) {
      expect(described, field).toHaveProperty('description');
    }
  }
});

test('the fields of an entry are those of S1', () => {
  expect(entryFields.toSorted()).toEqual(
    [
      'list_id service latest_timestamp latest_ordinal start_offset items_per_request worker_count elapsed_seconds',
      'total_updates id account sink schedule timezone refresh_seconds paused',
    ]
      .join(' ')
      .split(' ')
      .toSorted(),
  );
});

test('the shipped example is one entry of the demo, without a problem or a warning', () => {
  const parsed = parseState(readFileSync(shipped('state.example.json'), 'utf8'), {
    file: 'state.example.json',
  });
  expect(parsed).toEqual({
    ok: true,
    warnings: [],
    entries: [
      {
        index: 0,
        entry: expect.objectContaining({ service: 'demo', latest_timestamp: null, refresh_seconds: 1 }),
        raw: {
          service: 'demo',
          latest_timestamp: null,
          items_per_request: 100,
          worker_count: 4,
          refresh_seconds: 1,
        },
      },
    ],
  });
});
