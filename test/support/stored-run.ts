import { noTotals } from '../../src/model/run-totals.ts';
import type { StoredRun } from '../../src/store/stored-run.ts';

export type NewRun = Omit<StoredRun, 'state' | 'finished' | 'error' | 'checkpoint'>;

/** A run as the controller begins one. */
export function aRun(different: Partial<NewRun> = {}): NewRun {
  return {
    id: 'r1',
    entry: 'e1',
    label: 'list "1a2d"',
    mode: 'SYNC',
    frozen: { list_id: '1a2d', latest_timestamp: '2026-11-21T10:00:00Z', note: 'mine' },
    span: { kind: 'ranged', window: { since: 1_795_255_200, until: 1_795_258_800 } },
    cursorTo: '2026-11-21T11:00:00Z',
    started: 1_795_258_805_000,
    totals: noTotals,
    ...different,
  };
}
