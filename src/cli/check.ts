import { join } from 'node:path';
import { asSluiceError } from '../model/errors.ts';
import { systemClock } from '../model/clock.ts';
import { visible, visibleJson } from '../model/visible.ts';
import { createHttpClient } from '../net/client.ts';
import { createQuotas } from '../net/quota.ts';
import { createRedactor } from '../net/redact.ts';
import { openQueueStore } from '../queue/open.ts';
import { chooseQueue } from '../queue/url.ts';
import { type Catalogue, createCatalogue } from '../services/catalogue.ts';
import { type ParsedEntry, parseState } from '../state/parse.ts';
import { readFileText } from '../state/read.ts';
import { readSettings } from '../state/settings.ts';
import { entryLabel } from '../model/entry.ts';
import { readArguments, stateFolder } from './arguments.ts';
import type { CliContext } from './context.ts';
import { readEnvironment, secretsOf } from './environment.ts';
import { entryCheck } from './parse-options.ts';
import { ask } from './folder.ts';

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly message: string;
}

/** One question to one system may take this long. */
const reachMs = 15_000;

/** `check`: the state file, the settings and what they point to. Changes nothing. Exit code 0 or 2. */
export async function check(context: CliContext): Promise<number> {
  const { values } = readArguments(context, {});
  const folder = stateFolder(context, values.state);
  const env = readEnvironment(context);
  const redact = createRedactor(secretsOf(env));
  const catalogue = createCatalogue();
  const findings: Finding[] = [];
  try {
    const entries = checkFile(folder, catalogue, findings);
    checkSettings(folder, env, findings);
    await checkQueue(context, folder, env, findings);
    await checkSources(context, entries, catalogue, env, findings);
  } finally {
    await catalogue.close();
  }
  for (const { what, ok, message } of findings) {
    const line = { what, ok, message: redact(message) };
    if (values.json) context.print(`${visibleJson(JSON.stringify(line))}\n`);
    else context.print(`${ok ? 'ok  ' : 'FAIL'}  ${visible(`${what}: ${line.message}`)}\n`);
  }
  return findings.every(({ ok }) => ok) ? 0 : 2;
}

function checkFile(folder: string, catalogue: Catalogue, findings: Finding[]): readonly ParsedEntry[] {
  const what = join(folder, 'state.json');
  const file = readFileText(what, 'state.json');
  const parsed = file.ok ? parseState(file.text, { file: 'state.json', check: entryCheck(catalogue) }) : file;
  if (!('entries' in parsed)) {
    const { line, column, message } = parsed.problem;
    findings.push({ what, ok: false, message: `line ${line}, column ${column}: ${message}` });
    return [];
  }
  const good = parsed.entries.filter(({ problem }) => problem === undefined);
  findings.push({ what, ok: true, message: `${good.length} of ${parsed.entries.length} entries can run` });
  for (const { entry, problem } of parsed.entries) {
    if (!problem) continue;
    const message = `line ${problem.line}, column ${problem.column}: ${problem.message}`;
    findings.push({ what: entryLabel(entry), ok: false, message });
  }
  for (const { problem } of parsed.warnings) {
    findings.push({ what, ok: true, message: `line ${problem.line}: ${problem.message}` });
  }
  return good;
}

function checkSettings(folder: string, env: CliContext['env'], findings: Finding[]): void {
  const what = join(folder, 'settings.json');
  const file = readFileText(what, 'settings.json');
  if (!file.ok && !file.missing) {
    findings.push({ what, ok: false, message: file.problem.message });
    return;
  }
  const { problems, warnings } = readSettings(file.ok ? file.text : undefined, env);
  for (const problem of problems) findings.push({ what: problem.file, ok: false, message: problem.message });
  for (const warning of warnings) findings.push({ what: warning.file, ok: true, message: warning.message });
  if (problems.length === 0) {
    findings.push({ what, ok: true, message: file.ok ? 'can be used' : 'not there: the defaults apply' });
  }
}

async function checkQueue(
  context: CliContext,
  folder: string,
  env: CliContext['env'],
  findings: Finding[],
): Promise<void> {
  await look('queue', findings, async () => {
    const target = chooseQueue(env);
    if (target.kind === 'embedded') {
      const running = (await ask(context, folder, '/queues')) !== undefined;
      return `${target.name} ${running ? 'in use by the running controller' : `is opened in ${join(folder, 'queue')} by go`}`;
    }
    const store = await openQueueStore(target, { folder });
    try {
      await store.ping(AbortSignal.timeout(reachMs));
      return `${target.name} answers`;
    } finally {
      await store.close();
    }
  });
}

async function checkSources(
  context: CliContext,
  entries: readonly ParsedEntry[],
  catalogue: Catalogue,
  env: CliContext['env'],
  findings: Finding[],
): Promise<void> {
  const client = createHttpClient({ clock: systemClock, random: Math.random, emit: () => {} });
  const quotas = createQuotas({ clock: context.clock });
  try {
    for (const { entry } of entries) {
      await look(entryLabel(entry), findings, async () => {
        const { source } = await catalogue.of(entry).openSource(entry, { env, client, quotas });
        const { total } = await source.probe(null, AbortSignal.timeout(reachMs));
        return `answers, ${total} records`;
      });
    }
  } finally {
    await client.close();
  }
}

async function look(what: string, findings: Finding[], work: () => Promise<string>): Promise<void> {
  try {
    findings.push({ what, ok: true, message: await work() });
  } catch (thrown) {
    const { message, hint } = asSluiceError(thrown);
    findings.push({ what, ok: false, message: hint === undefined ? message : `${message} - ${hint}` });
  }
}
