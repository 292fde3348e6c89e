import { describe, expect, test } from 'vitest';
import { createAdvance } from '../../src/controller/advance.ts';
import type { StateFile } from '../../src/controller/state-file.ts';
import { StateError } from '../../src/model/errors.ts';
import type { EventBody } from '../../src/model/events.ts';
import type { Write, WriteOutcome } from '../../src/state/write-back.ts';
import { manualClock } from '../state/manual-clock.ts';
import { openIn, storeFolder } from '../support/store-folder.ts';
import { aRun } from '../support/stored-run.ts';

const frozen = { service: 'TEST', latest_ordinal: 5 };
const full = new StateError('disk full', { code: 'state.full', recovery: 'retry' });

/** @param answer what becomes of each write; may wait, or throw */
function world(answer: (ordinal: unknown) => WriteOutcome | Promise<WriteOutcome> = () => 'written') {
  const clock = manualClock();
  const events: EventBody[] = [];
  const log: unknown[] = [];
  const { runs } = openIn(storeFolder());
  const span = { kind: 'chained' as const, since: 5, intended: undefined, overlapFrom: undefined };
  runs.begin(aRun({ span, frozen }));
  const stored = () => runs.unfinished('e1');
  const stateFile: Pick<StateFile, 'write' | 'refresh'> = {
    async write([write]: readonly Write[]) {
      const doing = stored()?.span;
      log.push([
        write?.base?.['latest_ordinal'],
        write?.fields['latest_ordinal'],
        doing?.kind === 'chained' && doing.intended,
      ]);
      return [await answer(write?.fields['latest_ordinal'])];
    },
    refresh: () => void log.push('looked again'),
  };
  const own: unknown[] = [];
  const advance = createAdvance({
    run: { id: 'r1', frozen },
    entry: { key: 'e1', label: 'service "TEST"' },
    from: 5,
    runs,
    stateFile,
    clock,
    emit: (event) => void events.push(event),
    signal: new AbortController().signal,
    onWrite: (known, intended) => void own.push([known['latest_ordinal'], intended]),
  });
  return { clock, events, log, own, advance, stored };
}

describe('the ordinal in the file', () => {
  test('is moved every ten seconds at most, to what was reached last', async () => {
    const { advance, clock, log } = world();
    advance.reached(10);
    await clock.pass(9999);
    advance.reached(20);
    expect(log).toEqual([]);
    await clock.pass(1);
    advance.reached(30);
    await clock.pass(0);
    advance.reached(40);
    await clock.pass(9999);
    advance.reached(50);
    await clock.pass(1);
    advance.reached(60);
    await clock.pass(0);
    expect(log).toEqual([
      [5, 30, 30],
      [30, 60, 60],
    ]);
  });

  test('never goes back, and never shows the overlap', async () => {
    const { advance, clock, log } = world();
    await clock.pass(20_000);
    advance.reached(3);
    await advance.flush();
    expect(log).toEqual([]);
  });

  test('is flushed at the end of a session, whatever the time', async () => {
    const { advance, log, stored, events } = world();
    advance.reached(10);
    await advance.flush();
    await advance.flush();
    expect(log).toEqual([[5, 10, 10]]);
    expect(stored()).toMatchObject({ frozen: { latest_ordinal: 10 }, span: { intended: undefined } });
    expect(events).toMatchObject([{ type: 'run.advanced', cursor: 10 }]);
  });

  test('is known before and after each write: neither is an edit', async () => {
    const { advance, own } = world();
    advance.reached(10);
    await advance.flush();
    expect(own).toEqual([
      [5, 10],
      [10, undefined],
    ]);
  });

  test("stays where a person's edit came first", async () => {
    const { advance, log, stored } = world(() => 'moved');
    advance.reached(10);
    await advance.flush();
    expect(log).toHaveLength(1);
    expect(stored()?.frozen).toEqual(frozen);
  });

  test('is written again after a failure, the same first: it may be there already', async () => {
    let failures = 1;
    const { advance, log, events, clock } = world(() => {
      if ((failures -= 1) >= 0) throw full;
      return 'written';
    });
    advance.reached(10);
    await advance.flush();
    advance.reached(20);
    await clock.pass(10_000);
    advance.reached(30);
    await advance.flush();
    expect(log).toEqual([[5, 10, 10], 'looked again', [5, 10, 10], [10, 30, 30]]);
    expect(events.filter(({ type }) => type === 'notice')).toHaveLength(1);
  });

  test('a failure that lasts is told once', async () => {
    const { advance, events } = world(() => {
      throw full;
    });
    for (const ordinal of [10, 20, 30]) {
      advance.reached(ordinal);
      await advance.flush();
    }
    expect(events).toMatchObject([{ type: 'notice', level: 'warn', message: 'disk full' }]);
  });

  test('rests when no write is on: the end of the run builds on it', async () => {
    const gate = Promise.withResolvers<WriteOutcome>();
    const { advance, clock, stored, log } = world(() => gate.promise);
    await clock.pass(10_000);
    advance.reached(10);
    let rests = false;
    const rest = advance.rest().then(() => (rests = true));
    await clock.pass(0);
    expect(rests).toBe(false);
    gate.resolve('written');
    await rest;
    expect(stored()?.frozen).toMatchObject({ latest_ordinal: 10 });
    await advance.rest();
    expect(log).toHaveLength(1);
  });
});
