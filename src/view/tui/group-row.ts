import type { EntryReport } from '../../model/status.ts';
import type { EntryRow } from './model.ts';
import { stateOf } from './row-state.ts';

/** An entry of the file, or the entry that several services stand in, with them. In the file's order. */
export function withGroups(entries: readonly EntryRow[]): readonly EntryRow[] {
  const groups = Map.groupBy(
    entries.filter(({ report }) => report.owner !== null),
    ({ report }) => report.owner?.key,
  );
  return entries.flatMap((row) => {
    if (row.report.owner === null) return [row];
    const members = groups.get(row.report.owner.key) ?? [];
    return members[0] === row ? [groupRow(row.report, row.report.owner, members)] : [];
  });
}

/** What asks for attention comes first; what one member is, the group is. */
const weight = ['failed', 'invalid', 'late', 'load', 'sync', 'due', 'ok', 'paused'] as const;

/** The sum of what stands in a group's entry, as a row that commands can name. */
function groupRow(
  first: EntryReport,
  { key, label }: NonNullable<EntryReport['owner']>,
  members: readonly EntryRow[],
): EntryRow {
  const reports = members.map(({ report }) => report);
  const states = new Set(members.map(stateOf));
  const lastRuns = reports.flatMap(({ lastRun }) => lastRun ?? []);
  const sum = (of: (run: (typeof lastRuns)[number]) => number): number =>
    lastRuns.reduce((total, run) => total + of(run), 0);
  const newest = lastRuns.map(({ started }) => started).toSorted();
  const next = reports.flatMap(({ nextRun }) => nextRun ?? []).toSorted();
  return {
    report: {
      ...first,
      key,
      label,
      id: first.group ?? label,
      service: first.group ?? label,
      group: null,
      owner: null,
      state: weight.find((state) => states.has(state)) ?? 'ok',
      cursor: null,
      lastRun:
        newest.length === 0
          ? null
          : {
              started: newest.at(-1) ?? '',
              seconds: sum(({ seconds }) => seconds),
              read: sum(({ read }) => read),
              published: sum(({ published }) => published),
            },
      nextRun: next[0] ?? null,
      cause: null,
      paused: reports.every(({ paused }) => paused),
    },
    run: undefined,
    dead: members.reduce((total, { dead }) => total + dead, 0),
    members,
  };
}
