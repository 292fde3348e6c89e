import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { confirmOn } from '../../src/cli/confirm.ts';

interface Terminal {
  readonly input: PassThrough & { isTTY?: boolean };
  readonly output: PassThrough & { isTTY?: boolean };
}

function terminal(isTTY = true): Terminal {
  return {
    input: Object.assign(new PassThrough(), { isTTY }),
    output: Object.assign(new PassThrough(), { isTTY }),
  };
}

describe('a question on a terminal', () => {
  test.each([
    ['y\n', true],
    ['YES\n', true],
    [' y \r\n', true],
    ['\n', false],
    ['n\n', false],
    ['yeah, why not\n', false],
    ['y', true],
  ])('%j means %s', async (typed, expected) => {
    const { input, output } = terminal();
    const answer = confirmOn(input, output, 'Do it?');
    expect(String(output.read())).toBe('Do it? [y/N] ');
    input.end(typed);
    expect(await answer).toBe(expected);
  });

  test('that is closed is answered no', async () => {
    const { input, output } = terminal();
    const answer = confirmOn(input, output, 'Do it?');
    input.end();
    expect(await answer).toBe(false);
  });

  test('is not asked where nobody sits', async () => {
    const person = terminal();
    const nobody = terminal(false);
    expect(await confirmOn(nobody.input, person.output, 'Do it?')).toBeUndefined();
    expect(await confirmOn(person.input, nobody.output, 'Do it?')).toBeUndefined();
  });
});
