// A process for tests: opens the store of a folder, begins a run in it, says so, and holds it until its input ends.
import { openStore } from '../../src/store/store.ts';
import { aRun } from './stored-run.ts';

const [, , folder = '', command = ''] = process.argv;
const store = openStore({ folder, command, pid: process.pid, now: Date.now() });
store.runs.begin(aRun({ id: `r${process.pid}` }));
process.stdout.write('held\n');
process.stdin.resume().on('end', () => {
  store.close();
});
