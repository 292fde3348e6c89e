import { openConsumer } from '../consumer/open.ts';
import { asSluiceError, SettingError, UsageError } from '../model/errors.ts';
import type { QueueStore } from '../queue/contract.ts';
import { openQueueStore } from '../queue/open.ts';
import { chooseQueue } from '../queue/url.ts';
import { readArguments } from './arguments.ts';
import { createConsumeLog } from './consume-log.ts';
import type { CliContext } from './context.ts';
import { readEnvironment, secretsOf } from './environment.ts';
import { createEndRequests } from './end-requests.ts';
import { consumeUsage, greatestConcurrency } from './usage/consume.ts';

const reportEveryMs = 5000;
const lookMs = 5000;

/**
 * `consume QUEUE --to ...`: takes jobs off a queue and stores them until a signal ends it: the first lets the jobs at
 * work finish, the second does not (S20). As many of these processes as wanted may work on one queue.
 */
export async function consume(context: CliContext): Promise<number> {
  const { values, positionals } = readArguments(context, consumeUsage.options, 1);
  const env = readEnvironment(context);
  const name = positionals[0] ?? '';
  if (name === '') throw new UsageError('consume: no queue is named', example);
  const to = values.to ?? env['CONSUME_TO'] ?? '';
  if (to === '') throw new UsageError('consume: no --to says where the jobs go', example);
  const concurrency = readConcurrency(values.concurrency);
  const chosen = chooseQueue(env);
  if (chosen.kind === 'embedded') throw embedded(env['QUEUE_URL']);

  const { clock } = context;
  const log = createConsumeLog(context, {
    json: values.json,
    queue: name,
    secrets: secretsOf({ ...env, to }),
  });
  await using closing = new AsyncDisposableStack();
  const requests = createEndRequests(context);
  closing.defer(() => requests.stop());
  const store = await openQueueStore(chosen, { folder: '', clock, emit: log.emit });
  closing.defer(() => store.close());
  const consumer = openConsumer({ queue: store.queue(name), to, concurrency, emit: log.emit, clock });
  closing.defer(() => consumer.close(true));
  log.started({ from: store.name, to: consumer.target, concurrency });
  await Promise.race([lookAtQueue(store, name, log.say), requests.first]);

  const ended = new AbortController();
  const reporting = report();
  try {
    await Promise.race([consumer.started.then(() => requests.first), requests.first]);
    const by = await requests.first;
    log.say('info', `${by}: finishing the jobs at work (once more: stop now)`);
    const forced = await Promise.race([consumer.close().then(() => undefined), requests.second]);
    if (forced !== undefined) return forced === 'SIGINT' ? 130 : 143;
    return 0;
  } finally {
    ended.abort();
    await reporting;
    log.ended(consumer.totals());
  }

  async function report(): Promise<void> {
    try {
      for (;;) {
        await clock.sleep(reportEveryMs, ended.signal);
        log.worked(consumer.totals());
      }
    } catch {
      // Ended.
    }
  }
}

const example = `for example: ./run.sh ${consumeUsage.examples[0][0]}`;

function readConcurrency(text: string): number {
  const number = Number(text);
  if (/^\d{1,3}$/.test(text) && number >= 1 && number <= greatestConcurrency) return number;
  throw new SettingError(
    `--concurrency "${text}": expected a whole number from 1 to ${greatestConcurrency}`,
    'It is how many jobs this process works on at once; more processes do as well.',
  );
}

function embedded(queueUrl: string | undefined): SettingError {
  const which =
    queueUrl === undefined
      ? 'no QUEUE_URL is set, so the queue is the embedded one: it'
      : 'the embedded queue';
  return new SettingError(
    `${which} lives inside the controller, where no other process gets at it`,
    'Let the controller consume it: the setting "consume" in state/settings.json; or use a redis:// or postgres:// queue.',
  );
}

/** A mistyped name must not look like a queue that is empty. @throws QueueError when waiting for the store is hopeless */
async function lookAtQueue(
  store: QueueStore,
  name: string,
  say: (level: 'warn', message: string) => void,
): Promise<void> {
  try {
    const names = await store.list(AbortSignal.timeout(lookMs));
    if (names.includes(name)) return;
    const others = names.length === 0 ? '' : `; there are: ${names.slice(0, 10).join(', ')}`;
    say('warn', `there is no queue "${name}" yet, waiting for its first job${others}`);
  } catch (thrown) {
    const error = asSluiceError(thrown);
    // That it is away, the worker says.
    if (error.recovery !== 'retry') throw error;
  }
}
