import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asksForHelp, readArguments, stateFolder } from '../../src/cli/arguments.ts';
import { UsageError } from '../../src/model/errors.ts';
import { commandLine } from './command-line.ts';

describe('arguments', () => {
  test('every command knows --state, --json and --plain', () => {
    const { values, positionals } = readArguments(
      commandLine(['peek', '--json', '--state', 'x', 'name', '--plain']),
      {},
      2,
    );
    expect(values).toEqual({ state: 'x', json: true, plain: true });
    expect(positionals).toEqual(['peek', 'name']);
  });

  test.each([
    [['--bogus'], "Unknown option '--bogus'"],
    [['--state'], "Option '--state <value>' argument missing"],
    [['--state', '--json'], "Option '--state' argument is ambiguous"],
    [['--json=yes'], "Option '--json' does not take an argument"],
    [['one', 'two'], 'unexpected "two"'],
    [['-x'], "Unknown option '-x'"],
  ])('%j is refused in one sentence', (args, message) => {
    try {
      readArguments(commandLine(args), {}, 1);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      expect(error).toMatchObject({ message, recovery: 'config' });
    }
  });

  test.each([
    [['--limt', '3'], 'did you mean --limit?'],
    [['--state', '--json'], 'a value that begins with "-" is written --option=-1'],
    [['--nothing-like-it'], undefined],
  ])('%j is answered with what could be meant', (args, hint) => {
    const limit = { type: 'string', value: 'N', says: 'how many' } as const;
    try {
      readArguments(commandLine(args), { limit });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ hint });
    }
  });
});

test.each([
  [['--help'], true],
  [['-h', 'x'], true],
  [['x', '--bogus', '--help'], true],
  [['--', '--help'], false],
  [['--helpful', 'help', '-hx'], false],
])('%j asks for help: %s', (args, asks) => {
  expect(asksForHelp(args)).toBe(asks);
});

describe('the state folder', () => {
  test('is --state, else SLUICE_STATE, else beside the program', () => {
    const root = '/srv/sluice';
    expect(stateFolder(commandLine([], { SLUICE_STATE: '/b' }, root), '/a')).toBe('/a');
    expect(stateFolder(commandLine([], { SLUICE_STATE: '/b' }, root), undefined)).toBe('/b');
    expect(stateFolder(commandLine([], { SLUICE_STATE: '' }, root), undefined)).toBe('/srv/sluice/state');
    expect(stateFolder(commandLine([], {}, root), 'relative')).toBe(resolve('relative'));
  });

  test.each(['', ' '])('is not "%s": a shell variable that was not set must not mean "here"', (option) => {
    expect(() => stateFolder(commandLine([]), option)).toThrow('--state is empty');
  });
});
