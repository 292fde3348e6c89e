import { join } from 'node:path';
import { openQueueStore } from '../../src/queue/open.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';
import { readBare, readOrder } from './bare-pages.ts';

// The bare loop on the embedded queue: undici, JSON.parse and the program's own store, and nothing else of the program.
const order = readOrder();
const store = await openQueueStore(parseQueueUrl(order.queue), { folder: join(order.folder, 'queue') });
const queue = store.queue('lists');
const { signal } = new AbortController();
await store.ping(signal);
await readBare(order, (list, page, members) =>
  queue.add([{ id: `${list}-${page}`, name: list, data: members }], signal),
);
await store.close();
