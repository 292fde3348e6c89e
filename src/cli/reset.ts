import { readArguments } from './arguments.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { requireEntry } from './require-entry.ts';
import { resetUsage } from './usage/writes.ts';

/** `reset ENTRY`: its next run reads everything again. */
export async function reset(context: CliContext): Promise<number> {
  const { values, positionals } = readArguments(context, resetUsage.options, 1);
  const id = requireEntry(positionals[0], 'reset ENTRY');
  return await carryOut(context, { type: 'reset', id }, values);
}
