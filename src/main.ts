import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { listCommands, runCommand } from './cli/commands.ts';
import { confirmOn } from './cli/confirm.ts';
import type { CliContext, ViewOptions } from './cli/context.ts';
import { readEnvironment, secretsOf } from './cli/environment.ts';
import type { Itself } from './cli/selftest.ts';
import { createSignals, endSignals } from './cli/signals.ts';
import { systemClock } from './model/clock.ts';
import { asSluiceError, LockedError, UsageError } from './model/errors.ts';
import type { Views } from './model/views.ts';
import { visible } from './model/visible.ts';
import { createRedactor } from './net/redact.ts';
import type { Environment } from './state/env-file.ts';
import { openViews as open } from './view/open.ts';
import { createOutlet } from './view/outlet.ts';

/** Exit codes (S20): 0 done or quit, 1 an entry failed, 2 bad state, setting or argument, 3 locked; 130/143 forced (cli/signals.ts). */
const exit = { failed: 1, unusable: 2, locked: 3 } as const;

/** How long the end may take once everything is closed: for a reader who stopped reading, or for what was left open. */
const lingerMs = 2000;

const copies = dirname(fileURLToPath(import.meta.url));
const root = dirname(copies);

const itself: Itself = {
  command: [process.execPath, fileURLToPath(import.meta.url), 'selftest', 'child'],
  die: () => process.kill(process.pid, 'SIGKILL'),
};

const commands = listCommands(itself);

const signals = createSignals({ clock: systemClock, end });
const complaints = createOutlet({ stream: process.stderr, onLeftOut: () => {} });
let views: Views | undefined;

// A reader that went away (`| head`) is no error of ours.
process.stdout.on('error', () => {});
process.on('uncaughtException', ({ stack, message }) => {
  complain(`unexpected: ${message}`, 'this is a defect: please report it', ...(stack ?? '').split('\n'));
  process.exit(exit.failed);
});
process.exitCode = await main();
if (views) end(process.exitCode, lingerMs);

async function main(): Promise<number> {
  const [first = 'help', ...args] = process.argv.slice(2);
  const name = first === '--help' || first === '-h' ? 'help' : first;
  try {
    return await runCommand(commands, name, contextOf(args));
  } catch (thrown) {
    const error = asSluiceError(thrown);
    const help = error instanceof UsageError ? `./run.sh ${name} --help says how it is used` : undefined;
    complain(error.message, error.hint, help);
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
    warn: (message) => complain(message),
    confirm: async (question) => await confirmOn(process.stdin, process.stdout, question),
    onSignal,
    openViews,
  };
}

function readVersion(): string {
  const manifest = z.object({ version: z.string() });
  return manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version;
}

/** The editor that has the terminal shares our process group: its ctrl-C reaches us too. */
function receive(name: (typeof endSignals)[number]): void {
  if (name !== 'SIGINT' || !views?.isLent()) signals.receive(name);
}

/** From the first listener on, INT, TERM and HUP are requests; before it they end the process, as they do by default. */
function onSignal(listener: (name: string) => void): () => void {
  for (const signal of endSignals) if (process.listenerCount(signal) === 0) process.on(signal, receive);
  return signals.listen(listener);
}

/** A screen on a terminal; lines where a person asked for them, cannot see a screen, or nobody watches. */
async function openViews({ json, plain, ascii, logs, secrets }: ViewOptions): Promise<Views> {
  const { stdin, stdout, env } = process;
  const isScreen = !json && !plain && stdout.isTTY && stdin.isTTY && canDraw(env);
  if (isScreen) prepareForScreen();
  views = await open({
    kind: json ? 'json' : isScreen ? 'screen' : 'plain',
    ascii,
    logs,
    here: process.cwd(),
    redact: createRedactor(secrets),
    stdin,
    stdout,
    clock: systemClock,
    env,
    onExit(restore) {
      process.on('exit', restore);
      return () => process.off('exit', restore);
    },
    onEarlyQuit: () => signals.receive('SIGINT'),
    complain,
  });
  return views;
}

/** Not for screen readers, which read a screen that changes from the top again and again, nor for builds and bare terminals. */
function canDraw({ ACCESSIBLE, INK_SCREEN_READER, CI, TERM }: NodeJS.ProcessEnv): boolean {
  const isBuild = CI !== undefined && CI !== '' && CI !== 'false';
  return !isBuild && TERM !== 'dumb' && !isSet(ACCESSIBLE) && !isSet(INK_SCREEN_READER);
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '' && variable !== '0' && variable !== 'false';
}

/** React's production build, no colours where they are not wanted (tui.md, traps 1 and 10), no warnings across the screen. */
function prepareForScreen(): void {
  process.env['NODE_ENV'] ??= 'production';
  if (process.env['NO_COLOR']) process.env['FORCE_COLOR'] = '0';
  process.removeAllListeners('warning');
}
