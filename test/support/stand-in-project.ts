import { execFile, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** How a command ended. `code` is null where a signal or the deadline of 60 s ended it. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * A copy of the project's own workshop files (run.sh, configuration) in a temporary folder with a space in its name,
 * around a stand-in program, and an npm that links the packages of this checkout instead of fetching them.
 */
export interface StandInProject {
  /** The folder of run.sh. */
  root: string;
  /** Beside it, for whatever a test needs. */
  outside: string;
  env: Record<string, string>;
  path(name: string): string;
  write(name: string, text: string): void;
  /** How often npm was asked to install. */
  installs(): number;
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
  start(args: readonly string[], options?: RunOptions): ChildProcess;
  /** Another one in the state that this one is in, set-up included. */
  copy(): StandInProject;
  close(): void;
}

export interface RunOptions {
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** What to start instead of the copy of run.sh: a link to it, for instance. */
  command?: string;
}

const checkout = fileURLToPath(new URL('../../', import.meta.url));

const WORKSHOP = [
  'run.sh',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  '.oxlintrc.json',
  '.oxfmtrc.json',
].concat(['test/tsconfig.json', 'test/vitest.config.ts', 'test/support/reporter.ts']);

/** Says what it was started with, then exits with the number after `--exit`. */
const STAND_IN = `const at = process.argv.indexOf('--exit');
const { NODE_ENV, FORCE_COLOR, SLUICE_CALLED } = process.env;
const report = { args: process.argv.slice(2), cwd: process.cwd(), pid: process.pid, node: process.version };
process.stdout.write(JSON.stringify({ ...report, NODE_ENV, FORCE_COLOR, SLUICE_CALLED }) + '\\n');
process.exitCode = at < 0 ? 0 : Number(process.argv[at + 1]);
`;

/** Links the packages of this checkout; fails while there is a file `npm-fails` beside the project. */
const FAKE_NPM = `#!/bin/sh
echo "$@" >>../npm-calls
if [ -e ../npm-fails ]; then echo 'npm error: no way through'; exit 1; fi
sleep 0.3
rm -rf node_modules && mkdir node_modules && ln -s "$PACKAGES"/.bin "$PACKAGES"/* node_modules/
`;

/** `spoil` makes the twin: a run.sh with one part broken. It throws where it changes nothing. */
export function standInProject(spoil?: (script: string) => string): StandInProject {
  const project = projectIn(newFolder());
  for (const name of WORKSHOP) {
    mkdirSync(dirname(project.path(name)), { recursive: true });
    cpSync(join(checkout, name), project.path(name));
  }
  if (spoil) {
    const script = readFileSync(project.path('run.sh'), 'utf8');
    const spoiled = spoil(script);
    if (spoiled === script) throw new Error('the twin is no twin: spoil changed nothing in run.sh');
    project.write('run.sh', spoiled);
  }
  project.write('src/main.ts', STAND_IN);
  project.write('state/state.example.json', '[]\n');
  project.write('../bin/npm', FAKE_NPM);
  chmodSync(project.path('../bin/npm'), 0o755);
  return project;
}

function projectIn(outside: string): StandInProject {
  const root = join(outside, 'a project');
  const calls = join(outside, 'npm-calls');
  const path = (name: string): string => join(root, name);
  const env = {
    PATH: [join(outside, 'bin'), process.env['PATH'] ?? ''].join(delimiter),
    HOME: outside,
    LC_ALL: 'C.UTF-8',
    // For the npm below.
    PACKAGES: join(checkout, 'node_modules'),
  };
  const place = (options: RunOptions) => ({ cwd: options.cwd ?? root, env: { ...env, ...options.env } });
  return {
    root,
    outside,
    env,
    path,
    write(name, text) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
    },
    installs: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0),
    run: (args, options = {}) =>
      new Promise((resolve) => {
        const how = { ...place(options), timeout: 60_000, killSignal: 'SIGKILL' as const };
        const child = execFile(options.command ?? path('run.sh'), args, how, (_error, stdout, stderr) => {
          resolve({ code: child.exitCode, stdout, stderr });
        });
        child.stdin?.end();
      }),
    start: (args, options = {}) =>
      spawn(options.command ?? path('run.sh'), args, { ...place(options), stdio: 'ignore' }),
    copy() {
      const other = newFolder();
      cpSync(outside, other, { recursive: true, verbatimSymlinks: true });
      return projectIn(other);
    },
    close: () => rmSync(outside, { recursive: true, force: true, maxRetries: 10 }),
  };
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'sluice run-sh '));
}

/** A folder with links to the named programs, to be all of PATH. */
export function onlyPrograms(folder: string, names: readonly string[]): string {
  mkdirSync(folder);
  for (const name of names) {
    const found = (process.env['PATH'] ?? '').split(delimiter).find((place) => existsSync(join(place, name)));
    if (found !== undefined) symlinkSync(join(found, name), join(folder, name));
  }
  return folder;
}
