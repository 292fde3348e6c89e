import { expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { QueueError } from '../../src/model/errors.ts';
import { createBounded } from '../../src/queue/bounded.ts';
import { type BullmqQueue, createBullmqQueue } from '../../src/queue/bullmq-queue.ts';

const signal = new AbortController().signal;
const jobs = ['a', 'b', 'c'].map((id) => ({ id, name: 'n', data: [] }));

const unused = () => expect.fail('not asked for');

/** A queue that answers with what `answer` makes of the ids asked for. */
function answering(answer: (ids: string[]) => (string | undefined)[]) {
  const queue: BullmqQueue = {
    name: 'lists',
    add: async (_name, _data, { jobId }) => await Promise.resolve({ id: answer([jobId])[0] }),
    addBulk: async (bulk) =>
      await Promise.resolve(answer(bulk.map(({ opts }) => opts.jobId)).map((id) => ({ id }))),
    obliterate: () => Promise.resolve(),
  };
  const { run } = createBounded({ store: 's', deadlineMs: 1000, clock: systemClock });
  return createBullmqQueue({
    queue,
    run,
    announce: async () => await Promise.resolve(),
    countJobs: async () => await Promise.resolve({}),
    countWorkers: async () => await Promise.resolve(0),
    peek: async () => await Promise.resolve([]),
    outcomes: unused,
    events: unused,
    worker: unused,
    ready: unused,
    outage: { began: unused, over: unused },
    clock: systemClock,
    close: async () => await Promise.resolve(),
  }).jobs;
}

test('the ids that were asked for are accepted', async () => {
  await answering((ids) => ids).add(jobs, signal);
  await answering((ids) => ids).add(jobs.slice(0, 1), signal);
});

test.each([
  ['a negative code', (ids: string[]) => ids.with(1, '-5')],
  ['another id', (ids: string[]) => ids.with(2, 'other')],
  ['ids in another order', (ids: string[]) => ids.toReversed()],
  ['too few ids', (ids: string[]) => ids.slice(0, 2)],
  ['a missing id', (ids: string[]) => [ids[0], undefined, ids[2]]],
])('%s in the answer is noticed', async (_what, answer) => {
  const thrown = await answering(answer)
    .add(jobs, signal)
    .catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(QueueError);
  expect(thrown).toMatchObject({ code: 'queue.not-stored', recovery: 'stop' });
});

test('a wrong id for a single job is noticed', async () => {
  await expect(answering(() => ['-1']).add(jobs.slice(0, 1), signal)).rejects.toThrow(
    'answered "-1" for job "a"',
  );
});
