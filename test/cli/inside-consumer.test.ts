import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createInsideConsumer } from '../../src/cli/inside-consumer.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { EventBody } from '../../src/model/events.ts';
import type { JobHandler, JobQueue, QueueStore } from '../../src/queue/contract.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { until } from '../support/until.ts';

const away = async (): Promise<never> => await Promise.reject(new Error('not asked'));

/** A queue store whose jobs the test hands out. @param closing waits before a worker is closed */
function handStore(closing: () => Promise<void> = async () => await Promise.resolve()) {
  const working = new Map<string, JobHandler>();
  const log: string[] = [];
  const queueOf = (name: string): JobQueue => ({
    add: away,
    status: away,
    peek: away,
    outcomes: away,
    onFinished: () => () => {},
    obliterate: away,
    work(handle) {
      log.push(`+${name}`);
      working.set(name, handle);
      return {
        async close() {
          await closing();
          if (working.delete(name)) log.push(`-${name}`);
        },
      };
    },
  });
  const store: QueueStore = {
    kind: 'embedded',
    name: 'embedded:',
    queue: queueOf,
    ping: away,
    putMarker: away,
    hasMarker: away,
    dropMarker: away,
    memory: away,
    list: away,
    close: async () => await Promise.resolve(),
  };
  return { store, working, log };
}

function world(env: Record<string, string | undefined>, closing?: () => Promise<void>) {
  const hand = handStore(closing);
  const events: EventBody[] = [];
  const emit = (event: EventBody): void => void events.push(event);
  const inside = createInsideConsumer({ queue: hand.store, env, clock: systemClock, emit });
  onTestFinished(() => inside.close());
  const said = (): string[] => events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  return { ...hand, inside, said };
}

const file = (): string => join(temporaryFolder(), 'out.ndjson');
const signal = new AbortController().signal;

describe('the consumer inside the controller', () => {
  test('stores the jobs of the queue that the setting names, and says so', async () => {
    const path = file();
    const { inside, working, said } = world({ CONSUME_TO: ` ndjson:${path} ` });
    inside.apply('importer-queue');
    inside.apply('importer-queue');
    const handle = await until(() => working.get('importer-queue'));
    await handle({ id: 'j', name: 'X', data: [{ id: 'a' }] }, signal);
    expect(readFileSync(path, 'utf8')).toContain('"a"');
    await until(() => said().length === 1);
    expect(said()[0]).toContain('storing the jobs of importer-queue in');
  });

  test('takes nothing where the setting is empty', async () => {
    const { inside, log } = world({ CONSUME_TO: `ndjson:${file()}` });
    inside.apply('');
    await inside.close();
    expect(log).toEqual([]);
  });

  test('moves to another queue when it has finished with the one before, and stops with it', async () => {
    const gate = Promise.withResolvers<void>();
    const { inside, working, log } = world({ CONSUME_TO: `ndjson:${file()}` }, () => gate.promise);
    inside.apply('a');
    await until(() => working.has('a'));
    inside.apply('b');
    inside.apply('c');
    await systemClock.sleep(20, signal);
    expect(log).toEqual(['+a']);
    gate.resolve();
    await until(() => working.has('c'));
    inside.apply('');
    await until(() => working.size === 0);
    expect(log).toEqual(['+a', '-a', '+c', '-c']);
  });

  test('is closed before it began: nothing is taken any more', async () => {
    const { inside, log } = world({ CONSUME_TO: `ndjson:${file()}` });
    inside.apply('a');
    await inside.close();
    await inside.close();
    await systemClock.sleep(20, signal);
    expect(log.filter((entry) => entry.startsWith('+')).length).toBe(
      log.filter((entry) => entry.startsWith('-')).length,
    );
  });

  test.each([
    ['is not set', undefined, 'CONSUME_TO does not say where its jobs go'],
    ['is empty', '  ', 'CONSUME_TO does not say where its jobs go'],
    ['names nothing', 'ftp://x', 'importer-queue is not consumed: '],
    ['names a module that is not there', 'module:/nowhere/x.mjs', 'importer-queue is not consumed: '],
  ])('says what is wrong where CONSUME_TO %s, and the program goes on', async (_what, to, message) => {
    const { inside, said, log } = world({ CONSUME_TO: to });
    inside.apply('importer-queue');
    await until(() => said().length === 1);
    expect(said()[0]).toContain(message);
    await inside.close();
    expect(log).toEqual([]);
  });
});
