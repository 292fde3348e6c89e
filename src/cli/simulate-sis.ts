import { SettingError } from '../model/errors.ts';
import { faultParser } from '../simulator/parse-fault.ts';
import {
  exportServices,
  isExportService,
  isSisService,
  oneTimeServices,
  sisKinds,
  type ExportService,
  type SisService,
} from '../simulator/sis/services.ts';
import { startSis } from '../simulator/sis/sis.ts';
import { readArguments } from './arguments.ts';
import type { CliContext } from './context.ts';
import { readAuth, readTls } from './simulated-access.ts';
import { amount, many, number, printAnswers, simulatorOptions, whole } from './simulator-options.ts';
import { untilSignal } from './until-signal.ts';

/** `simulate sis`: the 26 services of SISU, until a signal. */
export async function simulateSis(context: CliContext): Promise<number> {
  const { values } = readArguments(
    context,
    {
      ...simulatorOptions,
      'public-port': number,
      entities: number,
      'late-ms': number,
      poison: number,
      'short-pages': number,
      'empty-pages': number,
      auth: { type: 'string', default: 'none' },
      forbid: many,
      'since-name': many,
      'time-zone': { type: 'string', default: 'UTC' },
      key: { type: 'string' },
      cert: { type: 'string' },
      'client-ca': { type: 'string' },
    },
    1,
  );
  const entities = whole('--entities', values.entities, 1000);
  const credentials = readAuth(values.auth);
  const tls = await readTls(values);
  const simulator = await startSis({
    port: whole('--port', values.port, 0),
    publicPort: whole('--public-port', values['public-port'], 0),
    entities,
    seed: whole('--seed', values.seed, 1),
    latencyMs: whole('--latency-ms', values['latency-ms'], 0),
    changesPerSecond: amount('--changes-per-second', values['changes-per-second'], 0),
    lateMs: whole('--late-ms', values['late-ms'], 0),
    poison: whole('--poison', values.poison, 0),
    shortPages: whole('--short-pages', values['short-pages'], 5),
    emptyPages: whole('--empty-pages', values['empty-pages'], 25),
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

/** What `--help` says of it. */
export function sisUsage(): string {
  return [
    'simulate sis [--port N] [--public-port N] [--entities N] [--seed N] [--latency-ms N] [--fault ...]...',
    '  --changes-per-second N   new versions, deletions, drafts and new entities while it runs (0)',
    '  --late-ms N              a quarter of the changes can be seen only up to N ms after they got their ordinal (0)',
    '  --poison N               one entity in N carries "testError": true, which consumers refuse (0: none)',
    '  --short-pages N          one page in N ends early though there is more (5; 0: none)',
    '  --empty-pages N          one page in N is empty though there is more (25; 0: none)',
    '  --forbid SERVICE         answers 403; can be repeated',
    '  --since-name SERVICE=X   the ordinal is asked for by X instead of since; can be repeated',
    '  --auth KIND              none, basic, bearer or api-key (none)',
    '  --key FILE --cert FILE   https with this key and certificate (PEM) for localhost',
    '  --client-ca FILE         asks for client certificates that this authority signed',
    '  --time-zone ZONE         the zone of the moments in metadata, which show none (UTC)',
    `  its services, which are its kinds of request: ${[...exportServices, ...oneTimeServices].join(', ')}`,
  ].join('\n');
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
