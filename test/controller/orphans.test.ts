import { expect, test } from 'vitest';
import type { KnownStateEntry } from '../../src/controller/known-entries.ts';
import { dropOrphans } from '../../src/controller/orphans.ts';
import type { EventBody } from '../../src/model/events.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';
import { aRun } from '../support/stored-run.ts';
import { manualClock } from '../state/manual-clock.ts';

const standing = (key: string): KnownStateEntry => ({
  key,
  id: key,
  label: key,
  entry: {},
  raw: {},
  problem: undefined,
  group: undefined,
});

/** What is left of the unfinished run of `of` when the file holds `keys`. */
function left(of: string, keys: readonly string[], live: readonly string[] = []) {
  const { runs } = openIn(storeFolder());
  const events: EventBody[] = [];
  runs.begin(aRun({ entry: of }));
  const emit = (event: EventBody): void => void events.push(event);
  dropOrphans(runs, keys.map(standing), (key) => live.includes(key), { clock: manualClock(), emit });
  return { kept: runs.unfinished(of) !== undefined, told: events.map(({ type }) => type) };
}

test('the run of an entry that is not in the file any more is dropped, and it is told', () => {
  expect(left('e1', ['e2'])).toEqual({ kept: false, told: ['run.cancelled'] });
  expect(left('e1', ['e1', 'e2'])).toEqual({ kept: true, told: [] });
  expect(left('e1', [], ['e1'])).toEqual({ kept: true, told: [] });
});

test('the run of a service waits while the entry of its group is invalid, and goes with it', () => {
  // An invalid group stands there by itself (nameEntries).
  expect(left('e1/PERSON', ['e1'])).toEqual({ kept: true, told: [] });
  expect(left('e1/PERSON', ['e1/PLAN'])).toEqual({ kept: false, told: ['run.cancelled'] });
  expect(left('e1/PERSON', ['e2'])).toEqual({ kept: false, told: ['run.cancelled'] });
});
