import { SettingError } from '../model/errors.ts';
import { faultForms } from '../simulator/parse-fault.ts';
import type { CliContext } from './context.ts';
import { mailchimpUsage, simulateMailchimp } from './simulate-mailchimp.ts';
import { simulateSis, sisUsage } from './simulate-sis.ts';

const systems = new Map([
  ['mailchimp', { run: simulateMailchimp, usage: mailchimpUsage }],
  ['sis', { run: simulateSis, usage: sisUsage }],
]);

/** `simulate SYSTEM`: serves a stand-in for an outside system on this machine until a signal ends it. */
export async function simulate(context: CliContext): Promise<number> {
  const system = systems.get(context.args.find((word) => systems.has(word)) ?? '');
  if (context.args.includes('--help')) {
    const usages = (system ? [system] : [...systems.values()]).map(({ usage }) => usage());
    context.print(`${[...usages, ...faultUsage()].join('\n')}\n`);
    return 0;
  }
  if (system) return await system.run(context);
  const words = context.args.filter((word) => !word.startsWith('-'));
  throw new SettingError(
    `${['simulate', ...words].join(' ')}: no such system`,
    `expected: simulate ${[...systems.keys()].join(' or simulate ')}`,
  );
}

function faultUsage(): string[] {
  return ['faults:', ...faultForms.map(([form, meaning]) => `  --fault ${form.padEnd(24)} ${meaning}`)];
}
