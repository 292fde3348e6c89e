import { SettingError } from '../model/errors.ts';
import { startMailchimp } from '../simulator/mailchimp.ts';
import { faultForms, parseFault } from '../simulator/parse-fault.ts';
import { readArguments } from './arguments.ts';
import type { CliContext } from './context.ts';
import { untilSignal } from './until-signal.ts';

const number = { type: 'string' } as const;

/** `simulate mailchimp`: serves a stand-in for an outside system on this machine until a signal ends it. */
export async function simulate(context: CliContext): Promise<number> {
  const { values, positionals } = readArguments(
    context,
    {
      port: number,
      members: number,
      list: { type: 'string', default: 'demo' },
      seed: number,
      'latency-ms': number,
      'changes-per-second': number,
      'departures-per-second': number,
      fault: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
    1,
  );
  if (values.help) {
    context.print(usage());
    return 0;
  }
  if (positionals[0] !== 'mailchimp') {
    throw new SettingError(
      `${['simulate', ...positionals].join(' ')}: no such system`,
      'expected: simulate mailchimp',
    );
  }
  const simulator = await startMailchimp({
    port: whole('--port', values.port, 0),
    lists: { [values.list]: whole('--members', values.members, 1000) },
    seed: whole('--seed', values.seed, 1),
    latencyMs: whole('--latency-ms', values['latency-ms'], 0),
    changesPerSecond: amount('--changes-per-second', values['changes-per-second'], 0),
    departuresPerSecond: amount('--departures-per-second', values['departures-per-second'], 0),
    faults: values.fault.map(parseFault),
    onAnswer: ({ method, url, status, members, fault }) => {
      const line = { method, url, status, members, fault };
      context.print(
        values.json
          ? `${JSON.stringify(line)}\n`
          : `${method} ${url} ${status} ${members} members${fault === undefined ? '' : ` (${fault})`}\n`,
      );
    },
  });
  try {
    const { url, apiKey } = simulator;
    if (values.json) context.print(`${JSON.stringify({ url, apiKey, list: values.list })}\n`);
    else {
      context.print(`a simulated Mailchimp serves list "${values.list}". To sync it, in another terminal:\n`);
      context.print(`  MAILCHIMP_URL=${url} MAILCHIMP_APIKEY=${apiKey} ./run.sh go\n`);
      context.print(`  with { "list_id": "${values.list}" } in state/state.json. ctrl-C ends it.\n`);
    }
    await untilSignal(context);
    return 0;
  } finally {
    await simulator.close();
  }
}

function usage(): string {
  const faults = faultForms.map(([form, meaning]) => `  --fault ${form.padEnd(24)} ${meaning}`);
  return `${[
    'simulate mailchimp [--port N] [--members N] [--list ID] [--seed N] [--latency-ms N]',
    '                   [--changes-per-second N] [--departures-per-second N] [--fault ...]...',
    ...faults,
  ].join('\n')}\n`;
}

function whole(name: string, text: string | undefined, otherwise: number): number {
  const value = amount(name, text, otherwise);
  if (Number.isInteger(value)) return value;
  throw new SettingError(`${name} ${value}: expected a whole number`, 'for example 1000');
}

function amount(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new SettingError(`${name} "${text}": expected a number, 0 or more`, 'for example 200');
}
