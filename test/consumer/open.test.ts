import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openConsumer } from '../../src/consumer/open.ts';
import { systemClock } from '../../src/model/clock.ts';
import { SettingError } from '../../src/model/errors.ts';
import type { JobHandler, JobQueue } from '../../src/queue/contract.ts';
import { manualClock } from '../state/manual-clock.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { freePort } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { failure, textOf } from './world.ts';

/** A queue whose jobs the test hands out; a close waits for them, unless it is by force. */
function handQueue() {
  let handler: JobHandler | undefined;
  const atWork = new Set<Promise<void>>();
  const stop = new AbortController();
  const closes: boolean[] = [];
  const queue: Pick<JobQueue, 'work'> = {
    work(handle) {
      handler = handle;
      return {
        async close(force = false) {
          closes.push(force);
          if (force) stop.abort();
          else await Promise.allSettled(atWork);
        },
      };
    },
  };
  return {
    queue,
    closes,
    isTaken: () => handler !== undefined,
    /** Hands a job to the consumer; resolves to why it failed, or 'resolved'. */
    give: (data: unknown, name = 'x'): Promise<string> => {
      const work =
        handler?.({ id: 'job-1', name, data }, stop.signal) ?? Promise.reject(new Error('nobody works'));
      atWork.add(work);
      work.finally(() => atWork.delete(work)).catch(() => undefined);
      return failure(work);
    },
  };
}

function open(to: string, clock = systemClock) {
  const hand = handQueue();
  const said: string[] = [];
  const emit = (event: Parameters<typeof textOf>[0]): void => void said.push(textOf(event));
  const consumer = openConsumer({ queue: hand.queue, to, concurrency: 3, emit, clock });
  onTestFinished(() => consumer.close(true));
  return { ...hand, consumer, said };
}

const file = (): string => join(temporaryFolder(), 'out.ndjson');

/** A module that says so when it begins, and ends when a file of that name appears, or never. */
function slowModule(): { readonly to: string; readonly finish: () => void } {
  const folder = temporaryFolder();
  const path = join(folder, 'slow.mjs');
  writeFileSync(
    path,
    `import { existsSync } from 'node:fs';
     export async function handle() {
       while (!existsSync('${folder}/finish')) await new Promise((resolve) => setTimeout(resolve, 5));
     }`,
  );
  return { to: `module:${path}`, finish: () => writeFileSync(join(folder, 'finish'), '') };
}

test('jobs are taken once the target is ready, and each is stored and counted', async () => {
  const path = file();
  const { consumer, isTaken, give } = open(`ndjson:${path}`);
  expect(isTaken()).toBe(false);
  await consumer.started;
  expect(consumer.target).toBe(`ndjson:${path}`);
  expect(await give([1, 2, 3])).toBe('resolved');
  expect(await give([4])).toBe('resolved');
  expect(await give([{ id: 'p-1' }], 'ORI_PERSON_CHANNEL')).toMatch(/"p-1" has no usable metadata/);
  expect(consumer.totals()).toEqual({
    chunks: 2,
    records: 4,
    failed: 1,
    reason: 'ORI_PERSON_CHANNEL "p-1" has no usable metadata.modificationOrdinal',
  });
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(5);
});

test.each([[{ success: true }], ['text'], [null]])('a job that is no array fails: %j', async (data) => {
  const { consumer, give } = open(`ndjson:${file()}`);
  await consumer.started;
  expect(await give(data)).toBe('the data of job job-1 is no array of entities');
});

describe('close', () => {
  test('finishes the jobs at work', async () => {
    const { to, finish } = slowModule();
    const { consumer, give, closes } = open(to);
    await consumer.started;
    const job = give([1]);
    const closed = consumer.close();
    await until(() => closes.length > 0);
    finish();
    expect(await job).toBe('resolved');
    await closed;
    expect(closes).toEqual([false]);
  });

  test('leaves them to others after ten seconds, and says so', async () => {
    const clock = manualClock();
    const { consumer, give, closes, said } = open(slowModule().to, clock);
    await consumer.started;
    void give([1]);
    const closed = consumer.close();
    await until(() => closes.length > 0);
    await clock.pass(9999);
    expect(closes).toEqual([false]);
    await clock.pass(1);
    await closed;
    expect(closes).toEqual([false, true]);
    expect(said).toEqual(['the jobs at work did not finish within 10 s; another consumer will take them']);
  });

  test('by force waits for none, also while another close does', async () => {
    const { consumer, give, closes } = open(slowModule().to);
    await consumer.started;
    void give([1]);
    void consumer.close();
    await consumer.close(true);
    expect(closes).toEqual([false, true]);
    expect(consumer.totals().failed).toBe(0);
  });

  test('ends the wait for a target that never came', async () => {
    const to = `postgres://nobody@127.0.0.1:${await freePort()}/none`;
    const { consumer, said, isTaken } = open(to);
    await until(() => said.length > 0);
    await consumer.close();
    await expect(consumer.started).rejects.toThrow();
    expect(isTaken()).toBe(false);
  });
});

describe('what it cannot begin with', () => {
  test.each([
    ['mysql://x', '--to names nothing that Sluice can store in'],
    ['', '--to names nothing that Sluice can store in'],
    ['ndjson:', '--to names no file'],
    ['module: ', '--to names no file'],
    ['postgres://user:secret#1@h/db', '--to cannot be read as a postgres:// URL'],
    ['postgres://u:secret@h/db?schema=a&schema=b', '--to has a schema that cannot be used'],
    ['postgres://u:secret@h/db?schema=Robert"; DROP', '--to has a schema that cannot be used'],
    ['postgres://u:secret@h/db?schema=pg_catalog', '--to has a schema that cannot be used'],
    ['postgres://u:secret@h/db?schema=x&application_name=y', '--to has a parameter other than'],
    ['postgres://u:secret@h/db?sslmode=prefer', '--to has an sslmode that Sluice does not offer'],
  ])('%s is refused without its password', (to, message) => {
    let refusal: unknown;
    try {
      open(to);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(SettingError);
    expect(String(refusal)).toContain(message);
    expect(JSON.stringify(refusal) + String(refusal)).not.toContain('secret');
  });

  test('a target that a person has to change first: no job is taken', async () => {
    const { consumer, isTaken } = open(`ndjson:${temporaryFolder()}/none/out`);
    await expect(consumer.started).rejects.toMatchObject({ recovery: 'config' });
    expect(isTaken()).toBe(false);
    expect(existsSync('none')).toBe(false);
  });
});
