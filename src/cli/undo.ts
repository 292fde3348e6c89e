import type { GenerationReport } from '../model/commands.ts';
import { SettingError } from '../model/errors.ts';
import { parseTimestamp } from '../model/time.ts';
import { readArguments, stateFolder } from './arguments.ts';
import { carryOut, writeArguments } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { createOutput } from './output.ts';
import { personCommands } from './person-commands.ts';

const options = { ...writeArguments, to: { type: 'string' } } as const;

/** `undo` lists what was written, newest first; `undo N` and `undo --to TIME` put the file back as it was before. */
export async function undo(context: CliContext): Promise<number> {
  const { values, positionals } = readArguments(context, options, 1);
  const [word] = positionals;
  if (word !== undefined && values.to !== undefined) {
    throw new SettingError(`${word} and --to: which of them?`, 'expected: undo, undo N, or undo --to TIME');
  }
  const folder = stateFolder(context, values.state);
  const list = async () => await personCommands(context, folder, () => {}).generations();
  if (word !== undefined)
    return await carryOut(context, { type: 'undo', generation: numberOf(word) }, values);
  if (values.to === undefined) return print(context, await list(), values.json);
  const generation = writtenAfter(await list(), values.to);
  return await carryOut(context, { type: 'undo', generation }, values);
}

function numberOf(word: string): number {
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new SettingError(`"${word}" is no number of a version`, './run.sh undo lists them');
}

/** The first write after a moment: what it replaced was in force then. */
function writtenAfter(generations: readonly GenerationReport[], time: string): number {
  const wanted = parseTimestamp(time);
  if (wanted === undefined) {
    throw new SettingError(`"${time}" is no time`, 'expected UTC time like 2026-11-21T10:00:00Z');
  }
  const later = generations.filter((generation) => (parseTimestamp(generation.time) ?? 0) >= wanted);
  const first = later.at(-1);
  if (!first) throw new SettingError(`nothing was written since ${time}`, './run.sh undo lists what was');
  // What was in force before the oldest one was written is known only if there never was an older one.
  if (later.length === generations.length && first.number > 1) {
    throw new SettingError(
      `the versions before ${first.time} are not kept any more`,
      `the oldest one: ./run.sh undo ${first.number}`,
    );
  }
  return first.number;
}

/** Of a write with more changes, the rest is only counted. */
const mostChanges = 8;

function print(context: CliContext, generations: readonly GenerationReport[], json: boolean): number {
  const output = createOutput(context, json);
  if (json) output.lines(generations, () => '');
  else if (generations.length === 0) context.print('nothing to undo: nothing was written yet\n');
  else {
    output.lines(generations.flatMap(describe), (line) => line);
    context.print('./run.sh undo NUMBER puts state.json back as it was before that\n');
  }
  return 0;
}

function describe({ number, time, by, run, changes }: GenerationReport): readonly string[] {
  const what = run === null ? by : `run ${run}`;
  const more = changes.length - mostChanges;
  return [
    `${String(number).padStart(6)}  ${time}  ${what}`,
    ...(changes.length === 0 ? ['nothing changed'] : changes.slice(0, mostChanges)).map(
      (line) => `          ${line}`,
    ),
    ...(more > 0 ? [`          and ${more} more`] : []),
  ];
}
