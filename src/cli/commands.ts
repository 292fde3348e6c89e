import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingError } from '../model/errors.ts';
import { asksForHelp, readArguments } from './arguments.ts';
import type { CliContext, Command } from './context.ts';
import type { Itself } from './selftest.ts';
import { describeUsage } from './usage/describe.ts';
import type { Usage } from './usage/usage.ts';

/** What a command is made of. Each part loads its own code: help needs no queue, and `status` no simulator. */
export interface ListedCommand {
  readonly usage: () => Promise<Usage>;
  readonly run: Command;
}

/** The commands of the program, by name. */
export type Commands = Readonly<Record<string, ListedCommand>>;

/** @param itself what `selftest` starts and kills */
export function listCommands(itself: Itself): Commands {
  const commands: Commands = {
    go: {
      usage: async () => (await import('./usage/go.ts')).goUsage,
      run: async (context) => await (await import('./go.ts')).go(context),
    },
    check: {
      usage: async () => (await import('./usage/looks.ts')).checkUsage,
      run: async (context) => await (await import('./check.ts')).check(context),
    },
    status: {
      usage: async () => (await import('./usage/looks.ts')).statusUsage,
      run: async (context) => await (await import('./status.ts')).status(context),
    },
    history: {
      usage: async () => (await import('./usage/looks.ts')).historyUsage,
      run: async (context) => await (await import('./history.ts')).history(context),
    },
    failed: {
      usage: async () => (await import('./usage/failed.ts')).failedUsage,
      run: async (context) => await (await import('./failed.ts')).failed(context),
    },
    queues: {
      usage: async () => (await import('./usage/looks.ts')).queuesUsage,
      run: async (context) => await (await import('./queues.ts')).queues(context),
    },
    consume: {
      usage: async () => (await import('./usage/consume.ts')).consumeUsage,
      run: async (context) => await (await import('./consume.ts')).consume(context),
    },
    set: {
      usage: async () => (await import('./usage/writes.ts')).setUsage,
      run: async (context) => await (await import('./set.ts')).set(context),
    },
    reset: {
      usage: async () => (await import('./usage/writes.ts')).resetUsage,
      run: async (context) => await (await import('./reset.ts')).reset(context),
    },
    pause: {
      usage: async () => (await import('./usage/writes.ts')).pauseUsage,
      run: async (context) => await (await import('./pause.ts')).pause(context),
    },
    resume: {
      usage: async () => (await import('./usage/writes.ts')).resumeUsage,
      run: async (context) => await (await import('./resume.ts')).resume(context),
    },
    undo: {
      usage: async () => (await import('./usage/writes.ts')).undoUsage,
      run: async (context) => await (await import('./undo.ts')).undo(context),
    },
    demo: {
      usage: async () => (await import('./usage/go.ts')).demoUsage,
      run: async (context) => await (await import('./demo.ts')).demo(context),
    },
    simulate: {
      usage: async () => (await import('./usage/simulate.ts')).simulateUsage,
      run: async (context) => await (await import('./simulate.ts')).simulate(context),
    },
    selftest: {
      usage: async () => (await import('./usage/selftest.ts')).selftestUsage,
      run: async (context) => await (await import('./selftest.ts')).selftest(context, itself),
    },
    version: {
      usage: async () => (await import('./usage/looks.ts')).versionUsage,
      run: printVersion,
    },
    help: {
      usage: async () => (await import('./usage/looks.ts')).helpUsage,
      run: async (context) => await help(commands, context),
    },
  };
  return commands;
}

/**
 * Does what a command line says, or prints how the command is used where it asks for `--help`.
 * @returns the exit code
 * @throws SettingError when there is no such command, and what the command throws
 */
export async function runCommand(commands: Commands, name: string, context: CliContext): Promise<number> {
  const command = find(commands, name);
  if (!asksForHelp(context.args)) return await command.run(context);
  if (name === 'help') return printCommands(context);
  return await printUsage(command, context.args, context);
}

function find(commands: Commands, name: string): ListedCommand {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command;
  throw new SettingError(`there is no command "${name}"`, './run.sh help lists them');
}

async function help(commands: Commands, context: CliContext): Promise<number> {
  const { positionals } = readArguments(context, {}, mostWords);
  const [name, ...words] = positionals;
  return name === undefined || name === 'help'
    ? printCommands(context)
    : await printUsage(find(commands, name), words, context);
}

/** `help failed retry ID` means `help failed`. */
const mostWords = 10;

async function printUsage(
  { usage }: ListedCommand,
  words: readonly string[],
  { print }: CliContext,
): Promise<number> {
  const whole: Usage = await usage();
  const kind = Object.entries(whole.kinds ?? {}).find(([name]) => words.includes(name))?.[1];
  print(describeUsage(kind ?? whole));
  return 0;
}

/** The list of run.sh, which is the only one. */
function printCommands({ copies, print }: CliContext): number {
  print(readFileSync(join(copies, 'help.txt'), 'utf8'));
  return 0;
}

function printVersion(context: CliContext): Promise<number> {
  const { values } = readArguments(context, {});
  const { version } = context;
  context.print(values.json ? `${JSON.stringify({ version })}\n` : `sluice ${version}\n`);
  return Promise.resolve(0);
}
