import type { CommandPreview, PersonCommand, Refusal } from '../model/commands.ts';
import { SettingError, SluiceError } from '../model/errors.ts';
import { stateFolder } from './arguments.ts';
import type { CliContext } from './context.ts';
import { createOutput } from './output.ts';
import { personCommands } from './person-commands.ts';

export interface WriteOptions {
  readonly state?: string | undefined;
  readonly json: boolean;
  /** Nobody is asked. */
  readonly yes: boolean;
}

/**
 * Does what a person's command says: shows what it costs, asks where it costs something, writes, and says what was done.
 * @returns the exit code: 1 when the person said no
 * @throws SettingError (exit 2) for a command that cannot be, SluiceError (1) for one that cannot be done now,
 * LockedError (3)
 */
export async function carryOut(
  context: CliContext,
  command: PersonCommand,
  { state, json, yes }: WriteOptions,
): Promise<number> {
  const output = createOutput(context, json);
  const say = (...lines: readonly string[]): void => {
    if (!json && lines.length > 0) output.lines(lines, (line) => line);
  };
  const told = new Set<string>();
  const commands = personCommands(context, stateFolder(context, state), (message) => {
    // The folder is opened for the preview and again for the command.
    if (!told.has(message)) context.warn(message);
    told.add(message);
  });
  const preview = await commands.preview(command);
  if (preview.refusal) throw errorOf(preview.refusal);
  const { changes, costs } = preview;
  if (needsConsent(command, preview)) {
    // Who sets a field has just written what changes.
    const news = command.type === 'set' ? [] : changes;
    say(...news, ...costs.map(({ label, text }) => `${label}: ${text}`));
    if (!yes && !(await consents(context, json))) {
      say('nothing was changed');
      return 1;
    }
  }
  const answer = await commands.command(command);
  if (!answer.done) throw errorOf(answer);
  output.lines([{ ...answer, changes, costs }], ({ message }) => message);
  return 0;
}

/** What changes nothing but how an entry runs is done at once; so is what changes nothing at all. */
function needsConsent({ type }: PersonCommand, { changes, costs }: CommandPreview): boolean {
  return changes.length > 0 && (costs.length > 0 || type === 'undo' || type === 'reset');
}

/** @throws SettingError where nobody can be asked */
export async function consents({ confirm }: CliContext, json: boolean): Promise<boolean> {
  const answer = json ? undefined : await confirm('Do it?');
  if (answer !== undefined) return answer;
  throw new SettingError(
    'this needs a yes, and there is no terminal to ask on; nothing was changed',
    'look at what it costs, then repeat the command with --yes',
  );
}

export function errorOf({ message, hint, mistaken }: Refusal): SluiceError {
  if (mistaken) return new SettingError(message, hint ?? './run.sh help');
  return new SluiceError(message, {
    code: 'command.not_done',
    recovery: 'retry',
    ...(hint === null ? {} : { hint }),
  });
}
