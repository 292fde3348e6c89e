import { join } from 'node:path';
import { z } from 'zod';
import { entryLabel } from '../model/entry.ts';
import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit, FileProblem } from '../model/events.ts';
import { createHttpClient } from '../net/client.ts';
import { createQuotas } from '../net/quota.ts';
import { openQueueStore } from '../queue/open.ts';
import { chooseQueue } from '../queue/url.ts';
import { type Catalogue, createCatalogue } from '../services/catalogue.ts';
import { type ParsedEntry, parseState } from '../state/parse.ts';
import { readFileText } from '../state/read.ts';
import { readSettings } from '../state/settings.ts';
import { readArguments, stateFolder } from './arguments.ts';
import type { CliContext } from './context.ts';
import { readEnvironment } from './environment.ts';
import { ask } from './folder.ts';
import { createOutput } from './output.ts';
import { parseOptions } from './parse-options.ts';
import { reach, singles } from './reach.ts';
import { asideLines } from './store-recovery.ts';
import { checkUsage } from './usage/looks.ts';

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly message: string;
}

/** One system may take this long to answer; all are asked at the same time. */
const longestMs = 10_000;

/** `check`: the state file, the settings and what they point to. Changes nothing. Exit code 0 or 2. */
export async function check(context: CliContext, reachMs = longestMs): Promise<number> {
  const { values } = readArguments(context, checkUsage.options);
  const output = createOutput(context, values.json);
  const folder = stateFolder(context, values.state);
  const env = readEnvironment(context);
  const catalogue = createCatalogue();
  try {
    const { entries, findings } = checkFile(folder, catalogue);
    const sources = checkSources(context, entries, catalogue, env, reachMs);
    const reached = await Promise.all([checkQueue(context, folder, env, reachMs), ...sources]);
    const asides = asideLines(folder).map((message) => ({
      what: join(folder, 'sluice.db'),
      ok: true,
      message,
    }));
    const all = [...findings, ...checkSettings(folder, env), ...asides, ...reached];
    output.lines(all, ({ what, ok, message }) => `${ok ? 'ok  ' : 'FAIL'}  ${what}: ${message}`);
    return all.every(({ ok }) => ok) ? 0 : 2;
  } finally {
    await catalogue.close();
  }
}

function checkFile(
  folder: string,
  catalogue: Catalogue,
): { entries: readonly ParsedEntry[]; findings: readonly Finding[] } {
  const what = join(folder, 'state.json');
  const file = readFileText(what, 'state.json');
  const parsed = file.ok ? parseState(file.text, { file: 'state.json', ...parseOptions(catalogue) }) : file;
  if (!('entries' in parsed)) {
    const missing = !file.ok && file.missing;
    const message = missing
      ? 'the file is not there - ./run.sh go makes one; --state names another folder'
      : at(parsed.problem);
    return { entries: [], findings: [{ what, ok: false, message }] };
  }
  const entries = parsed.entries.filter(({ problem }) => problem === undefined);
  const findings = [
    { what, ok: true, message: `${entries.length} of ${parsed.entries.length} entries can run` },
    ...parsed.entries.flatMap(({ entry, problem }) =>
      problem === undefined ? [] : [{ what: entryLabel(entry), ok: false, message: at(problem) }],
    ),
    ...parsed.warnings.map(({ problem }) => ({ what, ok: true, message: at(problem) })),
  ];
  return { entries, findings };
}

function checkSettings(folder: string, env: CliContext['env']): readonly Finding[] {
  const what = join(folder, 'settings.json');
  const file = readFileText(what, 'settings.json');
  if (!file.ok && !file.missing) return [{ what, ok: false, message: file.problem.message }];
  const { problems, warnings } = readSettings(file.ok ? file.text : undefined, env);
  const found = (ok: boolean) => (problem: FileProblem) => {
    const inFile = problem.file === 'settings.json';
    return { what: inFile ? what : problem.file, ok, message: inFile ? at(problem) : problem.message };
  };
  const usable = { what, ok: true, message: file.ok ? 'can be used' : 'not there: the defaults apply' };
  return [...(problems.length === 0 ? [usable] : problems.map(found(false))), ...warnings.map(found(true))];
}

function at({ line, column, message }: FileProblem): string {
  return `line ${line}, column ${column}: ${message}`;
}

async function checkQueue(
  context: CliContext,
  folder: string,
  env: CliContext['env'],
  reachMs: number,
): Promise<Finding> {
  return await look('queue', reachMs, async (signal) => {
    const target = chooseQueue(env);
    if (target.kind === 'embedded') {
      const running = (await ask(context, folder, { path: '/status', answer: z.unknown() })) !== undefined;
      return `${target.name} ${running ? 'in use by the running controller' : `is opened in ${join(folder, 'queue')} by go`}`;
    }
    const store = await openQueueStore(target, { folder, deadlineMs: reachMs / 2 });
    try {
      await store.ping(signal);
      return `${target.name} answers`;
    } finally {
      await store.close();
    }
  });
}

function checkSources(
  { clock }: CliContext,
  entries: readonly ParsedEntry[],
  catalogue: Catalogue,
  env: CliContext['env'],
  reachMs: number,
): readonly Promise<Finding>[] {
  const quotas = createQuotas({ clock });
  return singles(
    entries.map(({ entry }) => entry),
    catalogue.groups,
  ).map(async (entry) => {
    let trouble: string | undefined;
    const emit: Emit = (event) => {
      if (event.type === 'source.retry') trouble = event.reason;
    };
    const client = createHttpClient({ clock, random: Math.random, emit });
    try {
      return await look(
        entryLabel(entry),
        reachMs,
        async (signal) => {
          const opened = await catalogue.of(entry).openSource(entry, { env, client, quotas });
          return `answers, ${await reach(opened, entry, signal)}`;
        },
        () => trouble,
      );
    } finally {
      await client.close();
    }
  });
}

/** @param trouble what is known of why there is no answer yet */
async function look(
  what: string,
  reachMs: number,
  work: (signal: AbortSignal) => Promise<string>,
  trouble: () => string | undefined = () => undefined,
): Promise<Finding> {
  const signal = AbortSignal.timeout(reachMs);
  try {
    return { what, ok: true, message: await work(signal) };
  } catch (thrown) {
    if (signal.aborted && isAbort(thrown)) {
      const reason = trouble();
      const message = `no answer within ${reachMs / 1000} s${reason === undefined ? '' : `: ${reason}`} - check the network and whether it is up`;
      return { what, ok: false, message };
    }
    const { message, hint } = asSluiceError(thrown);
    return { what, ok: false, message: hint === undefined ? message : `${message} - ${hint}` };
  }
}
