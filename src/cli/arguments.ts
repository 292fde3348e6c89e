import { parseArgs, type ParseArgsConfig } from 'node:util';
import { resolve } from 'node:path';
import { SettingError } from '../model/errors.ts';
import type { CliContext } from './context.ts';

/** Options that every command takes. */
const common = {
  state: { type: 'string' },
  json: { type: 'boolean', default: false },
  plain: { type: 'boolean', default: false },
} as const;

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The options and words of a command line.
 * @throws SettingError for an option that the command does not know
 */
export function readArguments<O extends Options>(context: CliContext, own: O, words = 0) {
  try {
    const { values, positionals } = parseArgs({
      args: [...context.args],
      options: { ...common, ...own },
      allowPositionals: true,
      strict: true,
    });
    if (positionals.length > words) throw new TypeError(`unexpected "${positionals[words] ?? ''}"`);
    return { values, positionals };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // What follows the first sentence is about arguments that begin with a dash.
    const [first = ''] = reason.split(/[.\n]\s?/);
    throw new SettingError(
      first,
      'see ./run.sh help; a value that begins with "-" is written --option=-1',
      error,
    );
  }
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
