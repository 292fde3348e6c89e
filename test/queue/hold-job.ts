import { systemClock } from '../../src/model/clock.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';

// A process that adds a job, takes it, says so, and never ends it: `hold-job.ts URL FOLDER LOCK_MS QUEUE ID NAME DATA`.
const [url = '', folder = '', lockMs = '', queueName = '', id = '', name = '', data = ''] =
  process.argv.slice(2);
const store = await openQueueStore(parseQueueUrl(url), { folder, lockMs: Number(lockMs) });
const never = new AbortController().signal;
const queue = store.queue(queueName);
await queue.add([{ id, name, data: JSON.parse(data) }], never);
queue.work(
  async () => {
    process.stdout.write('took it');
    await systemClock.sleep(600_000, never);
  },
  { concurrency: 1 },
);
