import { UsageError } from '../model/errors.ts';
import type { CliContext, Command } from './context.ts';
import { simulateMailchimp } from './simulate-mailchimp.ts';
import { simulateSis } from './simulate-sis.ts';
import type { simulateUsage } from './usage/simulate.ts';

const systems: Readonly<Record<keyof typeof simulateUsage.kinds, Command>> = {
  mailchimp: simulateMailchimp,
  sis: simulateSis,
};

/** `simulate SYSTEM`: serves a stand-in for an outside system on this machine until a signal ends it. */
export async function simulate(context: CliContext): Promise<number> {
  const run = Object.entries(systems).find(([name]) => context.args.includes(name))?.[1];
  if (run) return await run(context);
  const words = context.args.filter((word) => !word.startsWith('-'));
  throw new UsageError(
    `${['simulate', ...words].join(' ')}: no such system`,
    `expected: simulate ${Object.keys(systems).join(' or simulate ')}`,
  );
}
