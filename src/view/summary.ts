import { counted, duration, localTime } from './format.ts';
import type { Snapshot } from './snapshot.ts';
import { visible } from '../model/visible.ts';

const mostFailures = 6;

/**
 * The plain lines that stay on the terminal after the end: what ran, what failed and why, where the log is.
 * @param now epoch milliseconds
 */
export function summarize(snapshot: Snapshot, now: number, logFile: string): string {
  const { startedAt, runs, records, failures, deadLetters } = snapshot;
  const ran = duration((now - (startedAt ?? now)) / 1000);
  const facts = [counted(runs, 'run'), counted(records, 'record'), `${failures.size} failed`];
  if (deadLetters > 0) facts.push(counted(deadLetters, 'dead letter'));
  const lines = [`sluice ran ${ran}. ${facts.join(', ')}.`];
  for (const { label, reason, hint, since } of [...failures.values()].slice(0, mostFailures)) {
    lines.push(`  x ${label}: ${reason} since ${localTime(since)}${hint === undefined ? '' : ` - ${hint}`}`);
  }
  if (failures.size > mostFailures) lines.push(`  and ${failures.size - mostFailures} more`);
  lines.push(`  log: ${logFile}`);
  return `${lines.map(visible).join('\n')}\n`;
}
