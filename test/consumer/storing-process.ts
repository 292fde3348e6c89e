// Stores chunk after chunk of new entities until it is killed, and prints the number of each one that is confirmed.
import { openTarget, signal, version } from './world.ts';

const [url = '', begin = '0', way = 'whole'] = process.argv.slice(2);
const target = await openTarget(url);
for (let chunk = Number(begin); ; chunk += 1) {
  const entities = Array.from({ length: 500 }, (_, index) => ({
    ...version(`${chunk}-${index}`, index + 1, index % 5 === 0 ? 'DELETED' : 'ACTIVE'),
    chunk,
  }));
  // The broken way is a part of the test: each entity as a chunk of its own.
  const parts = way === 'whole' ? [entities] : entities.map((entity) => [entity]);
  for (const part of parts) await target.store({ channel: 'ORI_PERSON_CHANNEL', entities: part }, signal);
  process.stdout.write(`${chunk}\n`);
}
