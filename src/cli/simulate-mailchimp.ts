import { startMailchimp } from '../simulator/mailchimp.ts';
import { parseFault } from '../simulator/parse-fault.ts';
import { readArguments } from './arguments.ts';
import type { CliContext } from './context.ts';
import { amount, printAnswers, whole } from './simulator-options.ts';
import { untilSignal } from './until-signal.ts';
import { simulateUsage } from './usage/simulate.ts';

/** `simulate mailchimp`: one list, until a signal. */
export async function simulateMailchimp(context: CliContext): Promise<number> {
  const { values } = readArguments(context, simulateUsage.kinds.mailchimp.options, 1);
  const simulator = await startMailchimp({
    port: whole('--port', values.port),
    lists: { [values.list]: whole('--members', values.members) },
    seed: whole('--seed', values.seed),
    latencyMs: whole('--latency-ms', values['latency-ms']),
    changesPerSecond: amount('--changes-per-second', values['changes-per-second']),
    departuresPerSecond: amount('--departures-per-second', values['departures-per-second']),
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
