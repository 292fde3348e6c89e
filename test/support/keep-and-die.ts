// A process for tests: keeps a version of a state file and is killed at a fail point on the way. `half` is killed when
// half of it is written, `marked` and `dropped` while room is made; `in-place` is the twin that writes under the final
// name from the start.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Disk, realDisk } from '../../src/state/disk.ts';
import { generationFile } from '../../src/state/generations/names.ts';
import { createGenerations } from '../../src/state/generations/generations.ts';

const [, , folder = '', point = '', text = ''] = process.argv;
const now = Date.UTC(2026, 10, 21, 8);
const die = (): void => void process.kill(process.pid, 'SIGKILL');
const reason = { by: 'set' } as const;

/** The number does not matter to what is looked at. */
const finalName = generationFile({ number: 900, at: now / 1000, reason });
const halfway: Disk = {
  ...realDisk,
  create(path, bytes) {
    const place = point === 'in-place' ? join(dirname(path), finalName) : path;
    writeFileSync(place, bytes.subarray(0, bytes.length / 2));
    die();
    return Promise.resolve();
  },
};

const makingRoom: Disk = {
  ...realDisk,
  rename(from, to) {
    realDisk.rename(from, to);
    if (point === 'marked' && to.includes('-edited')) die();
  },
  remove(path) {
    realDisk.remove(path);
    if (point === 'dropped' && path.endsWith('.json')) die();
  },
};

const generations = createGenerations({
  folder,
  now: () => now,
  emit: () => {},
  disk: point === 'half' || point === 'in-place' ? halfway : makingRoom,
  probe: (name) => {
    if (name === point) die();
  },
});
await generations.keeper(reason)(Buffer.from(text));
