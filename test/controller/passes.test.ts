import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPasses, type PassResult } from '../../src/controller/passes.ts';
import type { Job } from '../../src/model/queues.ts';

function passes() {
  const jobs: Job[] = [];
  return { jobs, passes: createPasses((job) => void jobs.push(job)) };
}

test('a pass ends with one job, when all of its services are confirmed or forbidden', () => {
  const { jobs, passes: open } = passes();
  open.begin(123, ['a', 'b', 'c']);
  open.ended('b', 'confirmed');
  open.ended('a', 'forbidden');
  open.ended('x', 'confirmed');
  expect(jobs).toEqual([]);
  open.ended('c', 'confirmed');
  open.ended('c', 'confirmed');
  expect(jobs).toEqual([{ id: 'post-update-123', name: 'POST_UPDATE', data: { success: true } }]);
});

test('a pass in which one failed or was cut short ends without', () => {
  const { jobs, passes: open } = passes();
  open.begin(1, ['a', 'b']);
  open.ended('a', 'failed');
  open.ended('b', 'confirmed');
  expect(jobs).toEqual([]);
});

test('a check that starts no service is no pass', () => {
  const { jobs, passes: open } = passes();
  open.begin(1, []);
  expect(jobs).toEqual([]);
});

test('a service that runs again belongs to the pass that started it', () => {
  const { jobs, passes: open } = passes();
  open.begin(1, ['a', 'b']);
  open.ended('a', 'confirmed');
  open.begin(2, ['a']);
  open.ended('a', 'failed');
  open.ended('b', 'confirmed');
  expect(jobs.map(({ id }) => id)).toEqual(['post-update-1']);
});

const results = fc.array(fc.constantFrom<PassResult>('confirmed', 'forbidden', 'failed'), {
  minLength: 1,
  maxLength: 6,
});

test('there is a job for each pass without a failure, however passes lie beside each other', () => {
  fc.assert(
    fc.property(fc.array(results, { maxLength: 5 }), fc.infiniteStream(fc.nat()), (all, picks) => {
      const { jobs, passes: open } = passes();
      const ends = all.flatMap((pass, at) => pass.map((result, one) => ({ key: `${at}/${one}`, result })));
      for (const [at, pass] of all.entries())
        open.begin(
          at,
          pass.map((_, one) => `${at}/${one}`),
        );
      while (ends.length > 0) {
        const [end] = ends.splice((picks.next().value ?? 0) % ends.length, 1);
        if (end) open.ended(end.key, end.result);
      }
      const good = all.flatMap((pass, at) => (pass.includes('failed') ? [] : [`post-update-${at}`]));
      expect(jobs.map(({ id }) => id).toSorted()).toEqual(good.toSorted());
    }),
  );
});
