// A process for tests: opens the store of a folder and says on standard output why it could not.
import { asSluiceError } from '../../src/model/errors.ts';
import { openStore } from '../../src/store/store.ts';

const [, , folder = ''] = process.argv;
try {
  openStore({ folder, command: 'go', pid: process.pid, now: Date.now() }).close();
} catch (error) {
  const { code, recovery, message, hint } = asSluiceError(error);
  process.stdout.write(JSON.stringify({ code, recovery, message, hint }));
}
