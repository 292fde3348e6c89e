import type { EntryRow } from './model.ts';

/** What people call it in a table: the id alone where the service says it all. */
export function nameOf({ report }: EntryRow): string {
  return report.service === 'lists' ? `list ${report.id}` : report.id;
}

/** Its state by what is on now. */
export function stateOf({ report, run }: EntryRow): EntryRow['report']['state'] {
  if (run) return run.mode === 'LOAD' ? 'load' : 'sync';
  return report.state;
}

/** Records confirmed a second, of a group those of all its services; undefined where nobody can know. */
export function rateOf({ run, members = [] }: EntryRow): number | undefined {
  const rates = [run, ...members.map((member) => member.run)].flatMap((one) => one?.rate ?? []);
  return rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0);
}

/** Whether a run is on, in a group one at least. */
export function isOn({ run, members = [] }: EntryRow): boolean {
  return run !== undefined || members.some((member) => member.run !== undefined);
}
