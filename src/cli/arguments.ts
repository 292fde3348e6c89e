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
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new SettingError(reason ?? 'bad arguments', 'see ./run.sh help', error);
  }
}

/** The state folder of a command: `--state`, else SLUICE_STATE, else `state` beside the program (S22). */
export function stateFolder(context: CliContext, option: string | undefined): string {
  return resolve(option ?? (context.env['SLUICE_STATE'] || resolve(context.root, 'state')));
}
