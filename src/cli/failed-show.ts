import type { LetterDetail } from '../model/letters.ts';
import { formatTimestamp } from '../model/time.ts';

/** A dead letter as lines: what is known of it, then the record itself. */
export function describeLetter(letter: LetterDetail): readonly string[] {
  const { id, service, label, key, reason, attempts, first, last, payload, stack, refusal } = letter;
  const facts = [
    ['service', label === '' ? service : `${service}, ${label}`],
    ['key', key ?? '(none)'],
    ['reason', reason],
    ['attempts', `${attempts}, first ${iso(first)}, last ${iso(last)}`],
    ['bound for', boundFor(letter)],
    ['run', letter.run],
    ['chunk', letter.chunk ?? '(none)'],
    ['retries', letter.isRetrying ? `${letter.retries}, on its way again` : String(letter.retries)],
    ...(letter.isOvertaken ? [['newer', overtaken]] : []),
    ...(refusal === null ? [] : [['no retry', refusal]]),
  ];
  return [
    `dead letter ${id}`,
    ...facts.map(([name = '', value = '']) => `  ${name.padEnd(10)} ${value}`),
    ...(stack === null ? [] : ['stack', ...indented(stack)]),
    'payload',
    ...indented(JSON.stringify(payload, null, 2) ?? 'null'),
  ];
}

const overtaken = 'a newer version of it was published since: retry it only if consumers compare versions';

/** The same as one object. */
export function letterJson(letter: LetterDetail): object {
  const { first, last, isRetrying, isOvertaken, ...others } = letter;
  return { ...others, first: iso(first), last: iso(last), retrying: isRetrying, overtaken: isOvertaken };
}

function boundFor({ queue, job, grade }: LetterDetail): string {
  return queue === null ? '(not noted)' : `queue ${queue}, job ${job ?? ''}, ${grade ?? ''}`;
}

function indented(text: string): readonly string[] {
  return text.split(/\r?\n/).map((line) => `  ${line}`);
}

function iso(ms: number): string {
  return formatTimestamp(Math.floor(ms / 1000));
}
