import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { readBare, readOrder } from './bare-pages.ts';

// The bare loop on Redis: undici, JSON.parse and BullMQ's addBulk, and nothing else.
const order = readOrder();
const connection = new Redis(order.queue);
const queue = new Queue('lists', { connection });
await queue.waitUntilReady();
await readBare(order, (list, page, members) =>
  queue.addBulk([{ name: list, data: members, opts: { jobId: `${list}-${page}` } }]),
);
await queue.close();
connection.disconnect();
