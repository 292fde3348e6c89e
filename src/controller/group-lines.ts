import type { Cost } from '../model/commands.ts';
import { allTargets } from './find-entry.ts';
import type { KnownStateEntry } from './known-entries.ts';
import { calledAs } from './person-writes.ts';

/** Lines that say the same of every service of a group's entry as one, under the group's name. Pure. */
export function byGroup(lines: readonly Cost[], entries: readonly KnownStateEntry[]): readonly Cost[] {
  const groups = allTargets(entries).filter(({ group }) => group !== undefined);
  return groups.reduce((said, target) => {
    const members = new Set(target.entries.map(({ label }) => label));
    const all = Map.groupBy(
      said.filter(({ label }) => members.has(label)),
      ({ text }) => text,
    );
    const whole = [...all].find(([, same]) => same.length === members.size);
    if (!whole) return said;
    const [text, same] = whole;
    const at = said.findIndex((line) => same.includes(line));
    return said.with(at, { label: calledAs(target), text }).filter((line) => !same.includes(line));
  }, lines);
}
