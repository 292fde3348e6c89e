import { UsageError } from '../model/errors.ts';
import { readArguments } from './arguments.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { requireEntry } from './require-entry.ts';
import { pauseUsage, resumeUsage } from './usage/writes.ts';

const usages = { pause: pauseUsage, resume: resumeUsage } as const;
const mostEntries = 1000;

/** `pause ENTRY...` or `pause --all`: no run begins, also after a restart; a live one comes to rest. */
export async function pause(context: CliContext): Promise<number> {
  return await pauseOrResume(context, 'pause');
}

/** What both commands do: they differ in the word. */
export async function pauseOrResume(context: CliContext, type: 'pause' | 'resume'): Promise<number> {
  const { values, positionals } = readArguments(context, usages[type].options, mostEntries);
  if (values.all && positionals.length > 0) {
    throw new UsageError(
      `--all and ${positionals.join(' ')}: which of them?`,
      `expected: ${type} ENTRY..., or ${type} --all`,
    );
  }
  if (!values.all) requireEntry(positionals[0], `${type} ENTRY..., or ${type} --all`);
  return await carryOut(context, { type, ids: values.all ? 'all' : positionals }, values);
}
