import { requestKinds } from '../simulator/fault.ts';
import { startMailchimp } from '../simulator/mailchimp.ts';
import { parseFault } from '../simulator/parse-fault.ts';
import { readArguments } from './arguments.ts';
import type { CliContext } from './context.ts';
import { amount, number, printAnswers, simulatorOptions, whole } from './simulator-options.ts';
import { untilSignal } from './until-signal.ts';

/** `simulate mailchimp`: one list, until a signal. */
export async function simulateMailchimp(context: CliContext): Promise<number> {
  const { values } = readArguments(
    context,
    {
      ...simulatorOptions,
      members: number,
      list: { type: 'string', default: 'demo' },
      'departures-per-second': number,
    },
    1,
  );
  const simulator = await startMailchimp({
    port: whole('--port', values.port, 0),
    lists: { [values.list]: whole('--members', values.members, 1000) },
    seed: whole('--seed', values.seed, 1),
    latencyMs: whole('--latency-ms', values['latency-ms'], 0),
    changesPerSecond: amount('--changes-per-second', values['changes-per-second'], 0),
    departuresPerSecond: amount('--departures-per-second', values['departures-per-second'], 0),
    faults: values.fault.map(parseFault),
    onAnswer: printAnswers(context, values.json, 'members'),
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

/** What `--help` says of it. */
export function mailchimpUsage(): string {
  return [
    'simulate mailchimp [--port N] [--members N] [--list ID] [--seed N] [--latency-ms N]',
    '                   [--changes-per-second N] [--departures-per-second N] [--fault ...]...',
    `  its kinds of request: ${requestKinds.join(', ')}`,
  ].join('\n');
}
