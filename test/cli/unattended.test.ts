import { describe, expect, test } from 'vitest';
import { absentAdvice, unattendedAdvice } from '../../src/cli/unattended.ts';

const queue = 'importer-queue';
const inside = { queue, isEmbedded: true };
const to = { CONSUME_TO: 'ndjson:x' };

describe('a queue without a worker', () => {
  test.each([
    [
      { queue, isEmbedded: false, consume: '', env: {} },
      /: start its consumers; .* consume importer-queue --to/,
    ],
    [{ ...inside, consume: '', env: {} }, /: set "consume": "importer-queue" in .* and CONSUME_TO in \.env$/],
    [{ ...inside, consume: 'other', env: to }, /: set "consume": "importer-queue" in state\/settings\.json$/],
    [{ ...inside, consume: queue, env: { CONSUME_TO: ' ' } }, /: set CONSUME_TO in \.env$/],
    [{ ...inside, consume: queue, env: to }, /: the controller stores its jobs as soon as it can$/],
  ])('%j', (attendance, advice) => {
    expect(unattendedAdvice(attendance)).toMatch(/^no worker is on importer-queue: /);
    expect(unattendedAdvice(attendance)).toMatch(advice);
  });
});

test('a queue inside of a controller that does not run needs the controller, and what the controller needs', () => {
  const absent = 'the embedded queue is inside the controller, and none runs: start ./run.sh go';
  expect(absentAdvice({ ...inside, consume: queue, env: to })).toEqual([absent]);
  expect(absentAdvice({ ...inside, consume: queue, env: {} })).toEqual([
    absent,
    'nobody would take the jobs of importer-queue there: set CONSUME_TO in .env',
  ]);
});
