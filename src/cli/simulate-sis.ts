import { SettingError } from '../model/errors.ts';
import { faultParser } from '../simulator/parse-fault.ts';
import {
  isExportService,
  isSisService,
  sisKinds,
  type ExportService,
  type SisService,
} from '../simulator/sis/services.ts';
import { startSis } from '../simulator/sis/sis.ts';
import { readArguments } from './arguments.ts';
import type { CliContext } from './context.ts';
import { readAuth, readTls } from './simulated-access.ts';
import { amount, printAnswers, whole } from './simulator-options.ts';
import { untilSignal } from './until-signal.ts';
import { simulateUsage } from './usage/simulate.ts';

/** `simulate sis`: the 26 services of SISU, until a signal. */
export async function simulateSis(context: CliContext): Promise<number> {
  const { values } = readArguments(context, simulateUsage.kinds.sis.options, 1);
  const entities = whole('--entities', values.entities);
  const credentials = readAuth(values.auth);
  const tls = await readTls(values);
  const simulator = await startSis({
    port: whole('--port', values.port),
    publicPort: whole('--public-port', values['public-port']),
    entities,
    seed: whole('--seed', values.seed),
    latencyMs: whole('--latency-ms', values['latency-ms']),
    changesPerSecond: amount('--changes-per-second', values['changes-per-second']),
    lateMs: whole('--late-ms', values['late-ms']),
    poison: whole('--poison', values.poison),
    shortPages: whole('--short-pages', values['short-pages']),
    emptyPages: whole('--empty-pages', values['empty-pages']),
    auth: credentials.auth,
    ...(tls ? { tls } : {}),
    forbidden: values.forbid.map(readService),
    sinceNames: Object.fromEntries(values['since-name'].map(readSinceName)),
    timeZone: values['time-zone'],
    faults: values.fault.map(faultParser(sisKinds)),
    onAnswer: printAnswers(context, values.json, 'entities'),
  });
  try {
    const { url, publicUrl } = simulator;
    const environment = { SIS_API_URL: url, SIS_PUBLIC_URL: publicUrl, ...credentials.environment };
    if (values.json) context.print(`${JSON.stringify({ url, publicUrl, environment })}\n`);
    else {
      const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
      context.print(`a simulated SISU serves ${entities} entities. To sync it, in another terminal:\n`);
      context.print(`  ${settings.join(' ')} ./run.sh go\n`);
      context.print(`  with { "service": "sisu" } in state/state.json. ctrl-C ends it.\n`);
    }
    await untilSignal(context);
    return 0;
  } finally {
    await simulator.close();
  }
}

function readService(name: string): SisService {
  if (isSisService(name)) return name;
  throw new SettingError(`--forbid "${name}": no such service`, 'see ./run.sh simulate sis --help');
}

function readSinceName(text: string): [ExportService, string] {
  const [service = '', name = ''] = text.split('=');
  if (isExportService(service) && /^\w+$/.test(name)) return [service, name];
  throw new SettingError(`--since-name "${text}": expected SERVICE=NAME`, 'for example PERSON=sinceOrdinal');
}
