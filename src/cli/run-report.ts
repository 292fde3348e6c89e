import type { RunReport } from '../model/run-report.ts';
import { limitedBy } from '../model/run-totals.ts';
import { ownerOf } from '../state/group.ts';
import type { StoredRun } from '../store/stored-run.ts';
import { recordOf } from './run-record.ts';

/** A stored run as `history` prints it. @param isOn whether it is on now */
export function reportOf(run: StoredRun, isOn: boolean): RunReport {
  const { id, mode, result, error, started, finished, totals } = recordOf(run, isOn);
  return {
    id,
    entry: nameOf(run),
    mode,
    result,
    reason: error ?? null,
    started: iso(started),
    finished: finished === undefined ? null : iso(finished),
    read: totals.read,
    published: totals.published,
    ignored: totals.ignored,
    requests: totals.requests,
    retried: totals.retried,
    slowestMs: Math.round(totals.slowestMs),
    reread: totals.reread,
    dead: totals.deadLetters,
    bytes: totals.bytes,
    seconds: Math.round(totals.seconds * 10) / 10,
    limitedBy: limitedBy(totals) ?? null,
  };
}

/** The entry's name in commands when the run began; the mark of a name that repeats is at the end of its label. */
function nameOf({ entry, frozen, label }: StoredRun): string {
  const { member } = ownerOf(entry);
  if (member !== undefined) return member;
  const name = [frozen['id'], frozen['list_id'], frozen['service']].find(
    (field) => typeof field === 'string',
  );
  const mark = /"(#\d+)$/.exec(label)?.[1] ?? '';
  return name === undefined ? label : `${name}${mark}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
