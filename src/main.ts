import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readArguments } from './cli/arguments.ts';
import { check } from './cli/check.ts';
import type { CliContext, Command, ViewOptions, Views } from './cli/context.ts';
import { demo } from './cli/demo.ts';
import { readEnvironment, secretsOf } from './cli/environment.ts';
import { go } from './cli/go.ts';
import { queues } from './cli/queues.ts';
import { createSignals, endSignals } from './cli/signals.ts';
import { simulate } from './cli/simulate.ts';
import { status } from './cli/status.ts';
import { systemClock } from './model/clock.ts';
import { asSluiceError, LockedError } from './model/errors.ts';
import type { SluiceEvent } from './model/events.ts';
import { visible } from './model/visible.ts';
import { createRedactor } from './net/redact.ts';
import type { Environment } from './state/env-file.ts';
import { createLogFile } from './view/log-file.ts';
import { createNdjsonView } from './view/ndjson.ts';
import { createOutlet } from './view/outlet.ts';
import { createPlainView } from './view/plain.ts';
import { createSnapshotStore } from './view/snapshot.ts';
import { summarize } from './view/summary.ts';

/** Exit codes (S20): 0 done or quit, 1 an entry failed, 2 bad state, setting or argument, 3 locked; 130/143 forced (cli/signals.ts). */
const exit = { failed: 1, unusable: 2, locked: 3 } as const;

/** How long the end may take once everything is closed: for a reader who stopped reading, or for what was left open. */
const lingerMs = 2000;

const copies = dirname(fileURLToPath(import.meta.url));
const root = dirname(copies);

const commands: Readonly<Record<string, Command>> = {
  go,
  check,
  status,
  queues,
  demo,
  simulate,
  version: (context) => {
    const { values } = readArguments(context, {});
    const { version } = context;
    context.print(values.json ? `${JSON.stringify({ version })}\n` : `sluice ${version}\n`);
    return Promise.resolve(0);
  },
  help: (context) => {
    context.print(readFileSync(join(copies, 'help.txt'), 'utf8'));
    return Promise.resolve(0);
  },
};

const signals = createSignals({ clock: systemClock, end });
const complaints = createOutlet({ stream: process.stderr, onLeftOut: () => {} });
let viewsOpened = false;

// A reader that went away (`| head`) is no error of ours.
process.stdout.on('error', () => {});
process.on('uncaughtException', ({ stack, message }) => {
  complain(`unexpected: ${message}`, 'this is a defect: please report it', ...(stack ?? '').split('\n'));
  process.exit(exit.failed);
});
process.exitCode = await main();
if (viewsOpened) end(process.exitCode, lingerMs);

async function main(): Promise<number> {
  const [name = 'help', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    complain(`there is no command "${name}"`, './run.sh help lists them');
    return exit.unusable;
  }
  const context = contextOf(args);
  try {
    return await command(context);
  } catch (thrown) {
    const error = asSluiceError(thrown);
    complain(error.message, error.hint);
    if (error instanceof LockedError) return exit.locked;
    return error.recovery === 'config' ? exit.unusable : exit.failed;
  }
}

/** On standard error: what happened, and below it what to do about it. */
function complain(message: string, ...more: readonly (string | undefined)[]): void {
  const redact = createRedactor(secretsOf(environment()));
  const lines = [
    `sluice: ${message}`,
    ...more.filter((line) => line !== undefined).map((line) => `  ${line}`),
  ];
  complaints.write(`${lines.map((line) => visible(redact(line))).join('\n')}\n`);
}

/** With `.env`, as far as it can be read. */
function environment(): Environment {
  try {
    return readEnvironment({ env: process.env, root });
  } catch {
    return process.env;
  }
}

function end(code: number, withinMs: number): void {
  if (withinMs === 0) process.exit(code);
  setTimeout(() => process.exit(code), withinMs).unref();
}

function contextOf(args: readonly string[]): CliContext {
  return {
    args,
    env: process.env,
    root,
    copies,
    version: readVersion(),
    pid: process.pid,
    user: process.getuid?.() ?? 0,
    temporary: tmpdir(),
    clock: systemClock,
    print: (text) => void process.stdout.write(text),
    onSignal,
    openViews,
  };
}

function readVersion(): string {
  const manifest = z.object({ version: z.string() });
  return manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version;
}

/** From the first listener on, INT, TERM and HUP are requests; before it they end the process, as they do by default. */
function onSignal(listener: (name: string) => void): () => void {
  for (const signal of endSignals)
    if (process.listenerCount(signal) === 0) process.on(signal, signals.receive);
  return signals.listen(listener);
}

/** A path as one would type it from here. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** The plain view or NDJSON on standard output, and the log file, all fed by the same events. */
function openViews({ json, logs, secrets }: ViewOptions): Views {
  viewsOpened = true;
  const redact = createRedactor(secrets);
  const snapshots = createSnapshotStore();
  const log = createLogFile({ folder: logs, redact, onProblem: complain });
  const { write } = createOutlet({
    stream: process.stdout,
    onLeftOut(texts) {
      const message = `${texts} lines were left out here: the reader was too slow for them; the log has all but single pages`;
      show({ at: Date.now(), type: 'notice', level: 'warn', topic: 'view', message });
    },
  });
  const view = json ? createNdjsonView({ write, redact }) : createPlainView({ write, redact, snapshots });
  const show = (event: SluiceEvent): void => {
    snapshots.apply(event);
    view.show(event);
    log.show(event);
  };
  return {
    show,
    attach() {},
    close() {
      const now = Date.now();
      if (!json) write(summarize(snapshots.get(), now, shortPath(log.path(now)), redact));
      return Promise.resolve();
    },
  };
}
