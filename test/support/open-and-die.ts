// A process for tests: opens the store of a folder and kills itself at a fail point on the way.
import { openStore } from '../../src/store/store.ts';

const [, , folder = '', deadly = ''] = process.argv;
const probe = (point: string): void => {
  if (point === deadly) process.kill(process.pid, 'SIGKILL');
};
openStore({ folder, command: 'go', pid: process.pid, now: Date.now(), probe }).close();
