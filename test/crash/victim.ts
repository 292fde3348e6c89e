// A process under test: the program with fail points, and with the broken part that the argument names (S24).
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { runChild } from '../../src/cli/selftest/child.ts';
import { systemClock } from '../../src/model/clock.ts';
import { twins } from './twins.ts';

const [, , twin] = process.argv;
const broken = twin === undefined ? undefined : twins[twin];
if (twin !== undefined && broken === undefined) throw new Error(`there is no twin "${twin}"`);

process.exitCode = await runChild({
  context: {
    args: [],
    env: process.env,
    root: resolve(import.meta.dirname, '../..'),
    copies: resolve(import.meta.dirname, '../../state'),
    version: 'test',
    pid: process.pid,
    user: process.getuid?.() ?? 0,
    temporary: tmpdir(),
    clock: systemClock,
    print: () => {},
    warn: () => {},
    confirm: () => Promise.resolve(undefined),
    onSignal: () => () => {},
    openViews: () => Promise.reject(new Error('nobody watches')),
  },
  die: () => process.kill(process.pid, 'SIGKILL'),
  ...(broken && { twin: broken }),
});
