import type { RunRecord } from '../model/operator.ts';
import type { StoredRun } from '../store/runs.ts';

/** A stored run as the history shows it. */
export function recordOf({
  id,
  entry,
  label,
  state,
  mode,
  started,
  finished,
  error,
  totals,
}: StoredRun): RunRecord {
  return { id, entry, label, state, mode, started, finished, error, totals };
}
