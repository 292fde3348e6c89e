import { expect, test } from 'vitest';
import { createRedactor } from '../../src/net/redact.ts';
import { redactedStore } from '../../src/store/redacted.ts';
import type { Store } from '../../src/store/store.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';
import { aRun } from '../support/stored-run.ts';

const secret = 'hunter2-hunter2';
const words = `login with ${secret} was refused`;
const place = { queue: 'q', job: 'j', grade: 'processed' } as const;

/** Everything the store tells of a run that failed, one that was dropped, one that was given up, and a letter that died twice. */
function told(store: Store): string {
  store.runs.begin(aRun());
  store.runs.failed('r1', words, aRun().totals);
  store.deadLetters.add(
    'r1',
    [{ service: 's', key: 'k', reason: words, stack: words, payload: {} }],
    1,
    place,
  );
  const failed = JSON.stringify(store.runs.allUnfinished());
  store.runs.drop('r1', 1, words);
  store.runs.begin(aRun({ id: 'r2' }));
  store.runs.giveUp('r2', 1, words);
  return failed + JSON.stringify([store.runs.recent(9), store.deadLetters.find(1)]);
}

test('no secret gets into the database by the words of an error (invariant 8)', () => {
  const store = openIn(storeFolder());
  const text = told(redactedStore(store, createRedactor([secret])));
  expect(text).toContain('login with');
  expect(text).not.toContain(secret);
});

test('twin: the bare store keeps what it is told', () => {
  const store = openIn(storeFolder());
  expect(told(store)).toContain(secret);
});
