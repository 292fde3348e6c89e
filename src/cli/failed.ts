import { SettingError, UsageError } from '../model/errors.ts';
import type { LetterRecord } from '../model/letters.ts';
import { formatTimestamp } from '../model/time.ts';
import { readArguments, stateFolder } from './arguments.ts';
import { consents, errorOf } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { type FilterOptions, isFiltered, readFilter, readIds } from './failed-options.ts';
import { describeLetter, letterJson } from './failed-show.ts';
import { inBatches } from './in-batches.ts';
import { letterCommands, type LetterCommands } from './letter-commands.ts';
import { createOutput, type Output } from './output.ts';
import { type Retried, retryLetters } from './retry-letters.ts';
import { failedUsage } from './usage/failed.ts';

/** As many words as a shell's `*` may become. */
const mostWords = 10_000;

interface Asked {
  readonly context: CliContext;
  readonly folder: string;
  readonly letters: LetterCommands;
  readonly words: readonly string[];
  readonly options: FilterOptions & { readonly all: boolean; readonly yes: boolean; readonly json: boolean };
  readonly output: Output;
  readonly say: (...lines: readonly string[]) => void;
}

/** `failed list|show|retry|drop`: the records that no attempt could deliver (S15). */
export async function failed(context: CliContext): Promise<number> {
  const { values, positionals } = readArguments(context, failedUsage.options, mostWords);
  const [verb = 'list', ...words] = positionals;
  const folder = stateFolder(context, values.state);
  const output = createOutput(context, values.json);
  const say = (...lines: readonly string[]): void => {
    if (!values.json && lines.length > 0) output.lines(lines, (line) => line);
  };
  const asked = {
    context,
    folder,
    letters: letterCommands(context, folder),
    words,
    options: values,
    output,
    say,
  };
  switch (verb) {
    case 'list':
      return await list(asked);
    case 'show':
      return await show(asked);
    case 'retry':
      return await retry(asked);
    case 'drop':
      return await drop(asked);
    default:
      throw new UsageError(`failed ${verb}: unknown`, 'expected: list, show, retry or drop');
  }
}

async function list({ context, letters, words, options, output }: Asked): Promise<number> {
  if (words.length > 0) throw new UsageError(`failed list takes no ${words[0]}`, 'failed show ID shows one');
  const found = await letters.list(readFilter(options, context.clock.now()));
  if (options.json) output.lines(found.map(reportOf), () => '');
  else if (found.length === 0) context.print('no dead letters\n');
  else output.table(header, found, rowOf);
  return 0;
}

async function show({ letters, words, options, output, say }: Asked): Promise<number> {
  const [id, ...more] = readIds(words);
  if (id === undefined || more.length > 0 || isFiltered(options) || options.all)
    throw new UsageError('failed show: which one?', 'expected: failed show ID');
  const letter = await letters.show(id);
  if (!letter)
    throw new SettingError(`there is no dead letter ${id}`, './run.sh failed list shows what there is');
  if (options.json) output.lines([letterJson(letter)], () => '');
  else say(...describeLetter(letter));
  return 0;
}

async function retry(asked: Asked): Promise<number> {
  const { context, folder, letters, options, output, say } = asked;
  const ids = await choose(asked);
  const plans = await inBatches(ids, async (some) => [await letters.plan(some)]);
  const ready = plans.flatMap((plan) => plan.ids);
  const refused = plans.flatMap((plan) => plan.refused);
  const overtaken = plans.reduce((sum, plan) => sum + plan.overtaken, 0);
  say(...refused.map(({ id, reason }) => `${id} cannot be retried: ${reason}`));
  if (overtaken > 0) say(warning(overtaken));
  // Whoever names it has looked at it; newer data at a consumer is another matter.
  if (ready.length > 0 && (overtaken > 0 || asked.words.length === 0)) {
    say(`${counted(ready.length)} to publish again`);
    if (!(await agrees(asked))) return 1;
  }
  const retried =
    ready.length === 0 ? [] : await retryLetters(context, ready, { folder, tell: (message) => say(message) });
  const results = [...refused.map(({ id, reason }) => ({ id, outcome: 'refused', reason })), ...retried];
  if (options.json) output.lines(results, () => '');
  else say(...sumUp(retried));
  return retried.length === ids.length && retried.every(({ outcome }) => outcome === 'delivered') ? 0 : 1;
}

async function drop(asked: Asked): Promise<number> {
  const { letters, output, say } = asked;
  const ids = await choose(asked);
  if (ids.length > 0) {
    say(`${counted(ids.length)} to drop: what is dropped is gone for good`);
    if (!(await agrees(asked))) return 1;
  }
  const answers = await inBatches(ids, async (some) => [await letters.drop(some)]);
  for (const answer of answers) if (!answer.done) throw errorOf(answer);
  output.lines(answers, ({ message }) => message);
  return 0;
}

/** @throws SettingError when it is not said which, or one of them is not there */
async function choose({ context, letters, words, options, say }: Asked): Promise<readonly number[]> {
  const ids = readIds(words);
  const isChosen = isFiltered(options) || options.all;
  if (ids.length === 0 && !isChosen)
    throw new UsageError('which dead letters?', 'expected: ids, a filter, or --all');
  if (ids.length > 0 && isChosen)
    throw new UsageError('ids, or a choice by --all, --service, --entry, --reason, --since?', 'one of them');
  const there = (await letters.list(readFilter(options, context.clock.now()))).map(({ id }) => id);
  if (ids.length === 0) {
    if (there.length === 0) say('no dead letter is meant by that');
    return there;
  }
  const known = new Set(there);
  const gone = ids.find((id) => !known.has(id));
  if (gone === undefined) return [...new Set(ids)];
  throw new SettingError(`there is no dead letter ${gone}`, './run.sh failed list shows what there is');
}

async function agrees({ context, options, say }: Asked): Promise<boolean> {
  if (options.yes || (await consents(context, options.json))) return true;
  say('nothing was changed');
  return false;
}

function warning(overtaken: number): string {
  return `${overtaken === 1 ? '1 is' : `${overtaken} are`} older than what was published since: a consumer that compares no versions goes back`;
}

function sumUp(retried: readonly Retried[]): readonly string[] {
  const of = (outcome: Retried['outcome']) => retried.filter((one) => one.outcome === outcome);
  const [delivered, died, waiting] = [of('delivered'), of('failed'), of('waiting')];
  return [
    ...died.map(({ id, reason }) => `${id} died again: ${reason ?? ''}`),
    ...(delivered.length > 0 ? [`${counted(delivered.length)} delivered`] : []),
    ...(waiting.length > 0
      ? [
          `${counted(waiting.length)} on the way: no consumer has finished it yet; ./run.sh go goes on watching`,
        ]
      : []),
  ];
}

const header = ['ID', 'SERVICE', 'ENTRY', 'KEY', 'ATTEMPTS', 'FIRST', 'LAST', 'REASON'];

function rowOf(letter: LetterRecord): readonly string[] {
  const { id, service, label, key, attempts, first, last, reason } = letter;
  const said = `${stateOf(letter)}${reason}`;
  return [String(id), service, label, key ?? '-', String(attempts), iso(first), iso(last), said];
}

function stateOf({ isRetrying, isOvertaken }: LetterRecord): string {
  if (isRetrying) return '(on its way again) ';
  return isOvertaken ? '(a newer one was published since) ' : '';
}

/** What S22 says `failed list --json` prints. */
function reportOf({ id, service, key, reason, attempts, first, last }: LetterRecord) {
  return { id, service, key, reason, attempts, first: iso(first), last: iso(last) };
}

function iso(ms: number): string {
  return formatTimestamp(Math.floor(ms / 1000));
}

function counted(count: number): string {
  return count === 1 ? '1 dead letter' : `${count} dead letters`;
}
