import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readArguments } from '../../src/cli/arguments.ts';
import { listCommands, runCommand } from '../../src/cli/commands.ts';
import type { CliContext, Command } from '../../src/cli/context.ts';
import { describeUsage } from '../../src/cli/usage/describe.ts';
import { commonOptions, type Usage } from '../../src/cli/usage/usage.ts';
import { faultForms } from '../../src/simulator/parse-fault.ts';
import { commandLine } from './command-line.ts';

const commands = listCommands({ command: ['none'], die: () => {} });

interface Used {
  /** As it is written: `simulate sis`. */
  readonly name: string;
  /** The words behind the command's own. */
  readonly words: readonly string[];
  readonly usage: Usage;
  readonly run: Command;
}

/** Every command of the program; those whose first word decides, once for each of these words. */
const all: readonly Used[] = (
  await Promise.all(
    Object.entries(commands).map(async ([name, { usage, run }]) => {
      const whole: Usage = await usage();
      const kinds = Object.entries(whole.kinds ?? {});
      if (kinds.length === 0) return [{ name, words: [], usage: whole, run }];
      return kinds.map(([kind, own]) => ({ name: `${name} ${kind}`, words: [kind], usage: own, run }));
    }),
  )
).flat();

const everyOption: ReadonlyMap<string, Usage['options'][string]> = new Map(
  all.flatMap(({ usage }) => Object.entries({ ...commonOptions, ...usage.options })),
);

/** The options that a command takes and its help does not say, or the other way round: the check, for a twin. */
async function differences({ words, usage, run }: Used): Promise<readonly string[]> {
  const told = describeUsage(usage);
  const found = await Promise.all(
    [...everyOption].map(async ([name, { type }]) => {
      const written = type === 'boolean' ? `--${name}` : `--${name}=1`;
      // What is not known ends the command before it does anything.
      const context = commandLine([...words, written, '--no-such-option']);
      const refusal = await Promise.try(run, context).catch(String);
      const isTaken = !String(refusal).includes(`Unknown option '--${name}'`);
      return isTaken === new RegExp(`--${name}\\b(?!-)`).test(optionsIn(told)) ? [] : [name];
    }),
  );
  return found.flat();
}

/** The lines of a help that describe an option. */
function optionsIn(help: string): string {
  return (help.match(/^ {2}(-\w, )?--.*$/gm) ?? []).join('\n');
}

describe.each(all)('the help of $name', (used) => {
  const { name, usage } = used;

  test('names exactly the options that the command takes', async () => {
    expect(await differences(used)).toEqual([]);
  });

  test('says how it is written and what it does, on lines that fit', () => {
    const [first, ...lines] = describeUsage(usage).split('\n');
    expect(first).toMatch(new RegExp(`^usage: \\./run\\.sh ${name}\\b`));
    for (const form of usage.forms) expect(form).toMatch(new RegExp(`^${name}\\b`));
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('has one to three examples, which the command can read', () => {
    expect(usage.examples.length).toBeGreaterThanOrEqual(1);
    expect(usage.examples.length).toBeLessThanOrEqual(3);
    for (const [example] of usage.examples) {
      expect(`${example} `.startsWith(`${name} `)).toBe(true);
      const [, ...args] = example.match(/"[^"]*"|\S+/g) ?? [];
      expect(() => readArguments(commandLine(args), usage.options, 10)).not.toThrow();
    }
  });

  test('comes for --help and for help, without a folder, a key or a queue', async () => {
    const [command = '', ...words] = name.split(' ');
    const nowhere = { QUEUE_URL: 'nonsense:', SLUICE_STATE: '/nowhere' };
    const asked = commandLine([...words, '--help', '--bogus', 'x'], nowhere, '/nowhere');
    const short = commandLine(['-h', ...words], nowhere, '/nowhere');
    const byHelp = commandLine([command, ...words], nowhere, '/nowhere');
    if (command === 'help') return;
    expect(await runCommand(commands, command, asked)).toBe(0);
    expect(await runCommand(commands, command, short)).toBe(0);
    expect(await runCommand(commands, 'help', byHelp)).toBe(0);
    expect(asked.printed()).toBe(describeUsage(usage));
    expect([short.printed(), byHelp.printed()]).toEqual([asked.printed(), asked.printed()]);
  });
});

describe('the check of the options', () => {
  const history = all.find(({ name }) => name === 'history');

  test('finds one that the help leaves out (twin)', async () => {
    if (!history) throw new Error('there is no history');
    expect(await differences({ ...history, usage: { ...history.usage, options: {} } })).toEqual(['limit']);
  });

  test('finds one that the help makes up (twin)', async () => {
    if (!history) throw new Error('there is no history');
    expect(await differences({ ...history, run: takingNothing })).toEqual(['limit']);
  });
});

describe('the list of run.sh', () => {
  const list = /^help='(.*?)'$/ms.exec(readFileSync(join(import.meta.dirname, '../../run.sh'), 'utf8'))?.[1];
  const lines = list?.match(/^ {2}[a-z]+ .*$/gm) ?? [];

  test('has every command of the program, and no other but those of the workshop', () => {
    const workshop = ['setup', 'test', 'bench', 'build'];
    expect(new Set(lines.map(nameOf))).toEqual(new Set([...Object.keys(commands), ...workshop]));
  });

  test('names no option that the command does not have', async () => {
    for (const line of lines.filter((one) => Object.hasOwn(commands, nameOf(one)))) {
      const options = (await commands[nameOf(line)]?.usage())?.options ?? {};
      const named = (line.match(/--[a-z-]+/g) ?? []).map((option) => option.slice(2));
      expect([...Object.keys(options), 'to', 'help']).toEqual(expect.arrayContaining(named));
    }
  });
});

test('the help of a simulator has every form of a fault, and what on= may name', async () => {
  const mailchimp = commandLine(['mailchimp', '--help']);
  const sis = commandLine(['sis', '--help']);
  expect(await runCommand(commands, 'simulate', mailchimp)).toBe(0);
  expect(await runCommand(commands, 'simulate', sis)).toBe(0);
  for (const [form] of faultForms) {
    expect(mailchimp.printed()).toContain(`\n  ${form} `);
    expect(sis.printed()).toContain(`\n  ${form} `);
  }
  expect(mailchimp.printed()).toContain('members, other');
  expect(sis.printed()).toContain('ASSESMENT_ITEM');
  expect(sis.printed()).not.toContain('--members');
});

test('help of a command that is not there is refused', async () => {
  await expect(runCommand(commands, 'help', commandLine(['nope']))).rejects.toThrow('no command "nope"');
  await expect(runCommand(commands, 'toString', commandLine(['--help']))).rejects.toThrow('no command');
});

test('behind -- nothing asks for help', async () => {
  const context = commandLine(['--', '--help']);
  await expect(runCommand(commands, 'version', context)).rejects.toThrow('unexpected "--help"');
  expect(existsSync(join(context.root, 'state'))).toBe(false);
});

function takingNothing(context: CliContext): Promise<number> {
  return Promise.resolve(readArguments(context, {}).positionals.length);
}

/** The command that a line of the list is about. */
function nameOf(line: string): string {
  return line.trim().split(' ', 1)[0] ?? '';
}
