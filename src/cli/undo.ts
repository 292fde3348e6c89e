import type { GenerationReport } from '../model/commands.ts';
import { SettingError, UsageError } from '../model/errors.ts';
import { readArguments, stateFolder } from './arguments.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { createOutput } from './output.ts';
import { personCommands } from './person-commands.ts';
import { undoUsage } from './usage/writes.ts';
import { versionAt } from './version-at.ts';

/** `undo` lists what was written, newest first; `undo N` and `undo --to TIME` put the file back as it was before. */
export async function undo(context: CliContext): Promise<number> {
  const { values, positionals } = readArguments(context, undoUsage.options, 1);
  const [word] = positionals;
  if (word !== undefined && values.to !== undefined) {
    throw new UsageError(`${word} and --to: which of them?`, 'expected: undo, undo N, or undo --to TIME');
  }
  const folder = stateFolder(context, values.state);
  const list = async () => await personCommands(context, folder, context.warn).generations();
  if (word !== undefined)
    return await carryOut(context, { type: 'undo', generation: numberOf(word) }, values);
  if (values.to === undefined) return print(context, await list(), values.json);
  const { number, said } = versionAt(await list(), values.to);
  if (!values.json) context.print(`${said}\n`);
  return await carryOut(context, { type: 'undo', generation: number }, values);
}

function numberOf(word: string): number {
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new SettingError(`"${word}" is no number of a version`, './run.sh undo lists them');
}

/** Of a write with more changes, the rest is only counted. */
const mostChanges = 8;

function print(context: CliContext, generations: readonly GenerationReport[], json: boolean): number {
  const output = createOutput(context, json);
  if (json) output.lines(generations, () => '');
  else if (generations.length === 0) context.print('nothing to undo: nothing was written yet\n');
  else {
    const text = generations.flatMap((version, place) => describe(version, generations[place + 1]));
    output.lines(text, (line) => line);
    context.print('./run.sh undo NUMBER puts state.json back as it was before that\n');
  }
  return 0;
}

function describe(
  { number, time, by, run, changes }: GenerationReport,
  before: GenerationReport | undefined,
): readonly string[] {
  const what = run === null ? by : `run ${run}`;
  const more = changes.length - mostChanges;
  const between = before ? number - before.number - 1 : 0;
  return [
    `${String(number).padStart(6)}  ${time}  ${what}`,
    ...(changes.length === 0 ? ['nothing changed'] : changes.slice(0, mostChanges)).map(
      (line) => `          ${line}`,
    ),
    ...(more > 0 ? [`          and ${more} more`] : []),
    ...(between > 0
      ? [`        (${between} in between ${between === 1 ? 'is' : 'are'} not kept any more)`]
      : []),
  ];
}
