import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { SettingError, UsageError } from '../model/errors.ts';
import { didYouMean } from '../state/did-you-mean.ts';
import type { CliContext } from './context.ts';
import { commonOptions, type Options } from './usage/usage.ts';

/**
 * The options and words of a command line.
 * @param own the options of the command's usage
 * @param words how many words it takes at most
 * @throws UsageError for an option that the command does not know, or a word too many
 */
export function readArguments<O extends Options>(context: CliContext, own: O, words = 0) {
  const options = { ...commonOptions, ...own };
  try {
    const { values, positionals } = parseArgs({
      args: [...context.args],
      options,
      allowPositionals: true,
      strict: true,
    });
    if (positionals.length > words) throw new TypeError(`unexpected "${positionals[words] ?? ''}"`);
    return { values, positionals };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // What follows the first sentence is about arguments that begin with a dash.
    const [first = ''] = reason.split(/[.\n]\s?/);
    throw new UsageError(first, hintFor(first, Object.keys(options)), error);
  }
}

/** In the words of `node:util`. */
function hintFor(reason: string, known: readonly string[]): string | undefined {
  if (reason.endsWith('ambiguous')) return 'a value that begins with "-" is written --option=-1';
  const [, unknown = ''] = /^Unknown option '--(.*)'$/.exec(reason) ?? [];
  const meant = didYouMean(unknown, known);
  return meant === undefined ? undefined : `did you mean --${meant}?`;
}

/** Whether a person asks how a command is used, whatever else is written there. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).some((word) => word === '--help' || word === '-h');
}

/**
 * The state folder of a command: `--state`, else SLUICE_STATE, else `state` beside the program (S22).
 * @throws SettingError for an empty `--state`: a shell variable that was not set must not mean "here"
 */
export function stateFolder({ env, root }: CliContext, option: string | undefined): string {
  if (option === undefined) return resolve(env['SLUICE_STATE'] || resolve(root, 'state'));
  if (option.trim() !== '') return resolve(option);
  throw new SettingError('--state is empty', 'name the state folder, or leave --state out');
}
