import type { RunRecord, RunResult } from '../model/operator.ts';
import type { StoredRun } from '../store/stored-run.ts';

/** A stored run as the history shows it. @param isOn whether it is on now */
export function recordOf(run: StoredRun, isOn: boolean): RunRecord {
  const { id, entry, label, mode, started, finished, error, totals } = run;
  return { id, entry, label, mode, result: resultOf(run, isOn), started, finished, error, totals };
}

function resultOf({ state, error }: StoredRun, isOn: boolean): RunResult {
  switch (state) {
    case 'done':
      return 'done';
    case 'completing':
      return 'writing';
    case 'dropped':
      return 'cancelled';
    case 'failed':
      return 'failed';
    case 'running':
      if (isOn) return 'running';
      return error === undefined ? 'unfinished' : 'stopped';
    default:
      return state satisfies never;
  }
}
