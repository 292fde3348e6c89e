import { counted, duration, localTime } from './format.ts';
import { explain } from './lines.ts';
import type { Snapshot } from './snapshot.ts';
import { visible } from '../model/visible.ts';

const mostFailures = 6;

/**
 * The plain lines that stay on the terminal after the end: what ran, what failed and why, where the log is.
 * Empty when it ended before it began: the error that did it says all there is.
 * @param now epoch milliseconds
 */
export function summarize(
  snapshot: Snapshot,
  now: number,
  logFile: string,
  redact: (text: string) => string,
): string {
  const { startedAt, runs, records, failures, deadLetters } = snapshot;
  if (startedAt === undefined) return '';
  const facts = [counted(runs, 'run'), counted(records, 'record'), `${failures.size} failed`];
  if (deadLetters > 0) facts.push(counted(deadLetters, 'dead letter'));
  const lines = [`sluice ran ${duration((now - startedAt) / 1000)}. ${facts.join(', ')}.`];
  for (const { label, reason, hint, since } of [...failures.values()].slice(0, mostFailures)) {
    lines.push(`  x ${label}: ${explain({ message: `${reason} since ${localTime(since)}`, hint })}`);
  }
  if (failures.size > mostFailures) lines.push(`  and ${failures.size - mostFailures} more`);
  lines.push(`  log: ${logFile}`);
  return `${lines.map((line) => visible(redact(line))).join('\n')}\n`;
}
