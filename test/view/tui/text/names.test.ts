import { expect, test } from 'vitest';
import { shortLabel, shortReason } from '../../../../src/view/tui/text/names.ts';

test.each([
  ['service "PERSON"', 'PERSON'],
  ['service "PERSON"#2', 'PERSON#2'],
  ['list "1a2d7ebf82"', 'list 1a2d7ebf82'],
])('%s is %s in a table', (label, name) => {
  expect(shortLabel(label)).toBe(name);
});

test.each([
  ['ORI_PERSON_CHANNEL "hy-1" has a testError', 'hy-1', 'has a testError'],
  ['ORI_X "otm-9" has a testError', '["otm-9",248]', 'has a testError'],
  ['ORI_X "["a","b"]" is empty', '["a","b"]', 'is empty'],
  ['hy-1: value too long', 'hy-1', 'value too long'],
  ['TypeError: metadata is missing', 'hy-1', 'TypeError: metadata is missing'],
  ['refused: hy-1', 'hy-1', 'refused: hy-1'],
  ['the record has no id', null, 'the record has no id'],
])('of "%s" a table that has the key %s says "%s"', (reason, key, said) => {
  expect(shortReason(reason, key)).toBe(said);
});
