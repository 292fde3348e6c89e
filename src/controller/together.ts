import type { Cost } from '../model/commands.ts';

const mostNamed = 4;

/** Lines that say the same of several entries as one: `list "a", list "b" and 24 more: paused (none) -> true`. */
export function together(lines: readonly Cost[]): Cost[] {
  const labels = Map.groupBy(lines, ({ text }) => text);
  return [...labels].map(([text, same]) => ({ label: names(same.map(({ label }) => label)), text }));
}

export function names(labels: readonly string[]): string {
  const more = labels.length - mostNamed;
  return `${labels.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
