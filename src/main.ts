import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { check } from './cli/check.ts';
import type { CliContext, Command, ViewOptions, Views } from './cli/context.ts';
import { demo } from './cli/demo.ts';
import { go } from './cli/go.ts';
import { queues } from './cli/queues.ts';
import { simulate } from './cli/simulate.ts';
import { status } from './cli/status.ts';
import { systemClock } from './model/clock.ts';
import { asSluiceError, LockedError } from './model/errors.ts';
import { visible } from './model/visible.ts';
import { createRedactor } from './net/redact.ts';
import { secretsOf } from './cli/environment.ts';
import { createLogFile } from './view/log-file.ts';
import { createNdjsonView } from './view/ndjson.ts';
import { createPlainView } from './view/plain.ts';
import { createSnapshotStore } from './view/snapshot.ts';
import { summarize } from './view/summary.ts';

/** Exit codes (S20): 0 done or quit, 1 an entry failed, 2 bad state, setting or argument, 3 locked, 130/143 forced. */
const exit = { failed: 1, unusable: 2, locked: 3, interrupted: 130, terminated: 143 } as const;

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
    context.print(`sluice ${context.version}\n`);
    return Promise.resolve(0);
  },
  help: (context) => {
    context.print(readFileSync(join(copies, 'help.txt'), 'utf8'));
    return Promise.resolve(0);
  },
};

process.exitCode = await main();

async function main(): Promise<number> {
  const [name = 'help', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    complain(`there is no command "${name}"`, './run.sh help lists them');
    return exit.unusable;
  }
  try {
    return await command(contextOf(args));
  } catch (thrown) {
    const error = asSluiceError(thrown);
    complain(error.message, error.hint);
    if (error instanceof LockedError) return exit.locked;
    return error.recovery === 'config' ? exit.unusable : exit.failed;
  }
}

function complain(message: string, hint: string | undefined): void {
  const redact = createRedactor(secretsOf(process.env));
  const text = `sluice: ${message}${hint === undefined ? '' : `\n  ${hint}`}`;
  process.stderr.write(`${redact(text).split('\n').map(visible).join('\n')}\n`);
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
    print: write,
    onSignal,
    openViews,
  };
}

function readVersion(): string {
  const manifest = z.object({ version: z.string() });
  return manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version;
}

/** INT, TERM and HUP. A process that was asked more than twice and still lives has something to hide: it ends. */
function onSignal(listener: (name: string) => void): () => void {
  let asked = 0;
  const on = (signal: NodeJS.Signals): void => {
    asked += 1;
    if (asked > 2) process.exit(signal === 'SIGINT' ? exit.interrupted : exit.terminated);
    listener(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, on);
  return () => {
    for (const signal of signals) process.off(signal, on);
  };
}

function write(text: string): void {
  process.stdout.write(text);
}

/** A path as one would type it from here. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** The plain view or NDJSON on standard output, and the log file, all fed by the same events. */
function openViews({ json, logs, secrets }: ViewOptions): Views {
  const redact = createRedactor(secrets);
  const snapshots = createSnapshotStore();
  const view = json ? createNdjsonView({ write, redact }) : createPlainView({ write, redact, snapshots });
  const log = createLogFile({
    folder: logs,
    redact,
    onProblem: (message) => complain(message, undefined),
  });
  // A reader that went away (`| head`) ends nothing: the runs go on (invariant 7).
  process.stdout.on('error', () => {});
  return {
    show(event) {
      snapshots.apply(event);
      view.show(event);
      log.show(event);
    },
    close() {
      const now = Date.now();
      if (!json) write(redact(summarize(snapshots.get(), now, shortPath(log.path(now)))));
    },
  };
}
