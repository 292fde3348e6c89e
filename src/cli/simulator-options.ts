import { SettingError } from '../model/errors.ts';
import type { AnswerLine } from '../simulator/answer-line.ts';
import type { CliContext } from './context.ts';

/** @throws SettingError unless it is a whole number, 0 or more */
export function whole(name: string, text: string): number {
  const value = amount(name, text);
  if (Number.isInteger(value)) return value;
  throw new SettingError(`${name} ${value}: expected a whole number`, 'for example 1000');
}

/** @throws SettingError unless it is a number, 0 or more */
export function amount(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new SettingError(`${name} "${text}": expected a number, 0 or more`, 'for example 200');
}

/** Prints a line for each request; `noun` is what its records are. */
export function printAnswers<Kind extends string>(
  context: CliContext,
  json: boolean,
  noun: string,
): (line: AnswerLine<Kind>) => void {
  return ({ method, url, status, records, fault }) => {
    context.print(
      json
        ? `${JSON.stringify({ method, url, status, [noun]: records, fault })}\n`
        : `${method} ${url} ${status} ${records} ${noun}${fault === undefined ? '' : ` (${fault})`}\n`,
    );
  };
}
