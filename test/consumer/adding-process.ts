// Adds chunks of lines to a file, unless it is killed before, and prints the number of each one that is confirmed.
import { appendFile } from 'node:fs/promises';
import { appendLines } from '../../src/consumer/append-lines.ts';

const [path = '', name = '', way = 'careful'] = process.argv.slice(2);
for (let chunk = 0; chunk < 40; chunk += 1) {
  // Megabytes: a kill can only tear a write that takes a while.
  const lines = Array.from({ length: 60 }, (_, line) =>
    JSON.stringify({ name, chunk, line, filling: 'x'.repeat(20_000) }),
  );
  // The broken way is a part of the test: nobody looks at what stands before.
  if (way === 'careful') await appendLines(path, lines);
  else await appendFile(path, lines.map((line) => `${line}\n`).join(''));
  process.stdout.write(`${chunk}\n`);
}
