import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { standInProject, type StandInProject } from '../support/stand-in-project.ts';
import { until } from '../support/until.ts';

// run.sh on a real terminal (S20): it stays the parent, and puts the terminal back where node could not.

const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** Another screen, no cursor, raw keys; writes down keys and signals; leaves by itself at a signal, with code 7. */
const SCREEN = `import { appendFileSync } from 'node:fs';
const note = (text: string): void => appendFileSync(process.argv[3] ?? '', text + '\\n');
process.stdin.setRawMode(process.argv.includes('--raw'));
process.stdin.on('data', (keys) => note('keys ' + String(keys).trim()));
process.stdout.write('\\u001b[?1049h\\u001b[?25lthe screen');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    note(signal);
    setTimeout(() => {
      process.stdout.write('\\u001b[?1049l\\u001b[?25h');
      process.exit(7);
    }, 300);
  });
}
setInterval(() => undefined, 1000);
note('pid ' + process.pid);
`;

interface Terminal {
  /** Where the stand-in program takes its notes. */
  file: string;
  type(...keys: string[]): void;
  /** What is on the screen now. */
  text(): string;
  /** `alternate screen, cursor`, as 0 or 1. */
  mode(): string;
  notes(): string;
  node(): number;
  close(): void;
}

describe('on a terminal', () => {
  let project: StandInProject;
  let terminal: Terminal | undefined;

  beforeEach((context) => {
    if (!hasTmux) context.skip('no tmux on PATH');
  });
  beforeAll(async () => {
    project = standInProject();
    project.write('src/main.ts', SCREEN);
    await project.run(['setup']);
  });
  afterEach(() => terminal?.close());
  afterAll(() => project.close());

  test('ctrl-C goes to node once, which ends in its own time; its code is the code', async () => {
    terminal = await openTerminal(project);
    terminal.type('C-c');
    await until(() => terminal?.text().includes('code 7'), { what: 'the exit code of node' });
    expect(terminal.notes()).toMatch(/^pid \d+\nSIGINT\n$/);
    expect(terminal.mode()).toBe('0 1');
  });

  test('keys reach node', async () => {
    terminal = await openTerminal(project, '--raw');
    terminal.type('x', 'C-c');
    await until(() => terminal?.notes().includes('x\u0003'), { what: 'x and ctrl-C as keys' });
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('%s to run.sh is passed on and waited for', async (signal) => {
    terminal = await openTerminal(project);
    process.kill(parentOf(terminal.node()), signal);
    await until(() => terminal?.text().includes('code 7'), { what: 'the exit code of node' });
    expect(terminal.notes()).toContain(signal);
  });

  test('a node that was killed outright leaves a usable terminal and code 137', async () => {
    terminal = await openTerminal(project, '--raw');
    expect(terminal.mode()).toBe('1 0');
    process.kill(terminal.node(), 'SIGKILL');
    await until(() => terminal?.text().includes('code 137'), { what: 'code 137' });
    expect(terminal.mode()).toBe('0 1');
    terminal.type('stty -a | grep -wo -e "-icanon" -e icanon', 'Enter');
    await until(() => /^icanon/m.test(terminal?.text() ?? ''), { what: 'a terminal with line editing' });
  });

  test('with --plain it is node itself that was started', async () => {
    terminal = await openTerminal(project, '--plain');
    expect(readFileSync(`/proc/${parentOf(terminal.node())}/cmdline`, 'utf8')).not.toContain('run.sh');
  });

  describe('twins', () => {
    let twin: StandInProject | undefined;
    afterEach(() => {
      terminal?.close();
      twin?.close();
    });

    async function twinOnTerminal(part: string, instead: string): Promise<Terminal> {
      twin = standInProject((script) => script.replace(part, instead));
      twin.write('src/main.ts', SCREEN);
      await twin.run(['setup']);
      return openTerminal(twin);
    }

    test('a run.sh that restores nothing leaves the other screen and no cursor', async () => {
      terminal = await twinOnTerminal('then restore_terminal', 'then :');
      process.kill(terminal.node(), 'SIGKILL');
      await until(() => terminal?.text().includes('code 137'), { what: 'code 137' });
      expect(terminal.mode()).toBe('1 0');
    });

    test('a run.sh that does not wait again is gone before node is', async () => {
      terminal = await twinOnTerminal('if [ -z "$signal" ]', 'if true');
      process.kill(parentOf(terminal.node()), 'SIGTERM');
      await until(() => terminal?.text().includes('code 143'), {
        what: 'an exit code that is not that of node',
      });
    });

    test('a run.sh that does not name its standard input starves node of keys', async () => {
      twin = standInProject((script) => script.replace('"$@" <&0 &', '"$@" &'));
      twin.write('src/main.ts', 'setTimeout(() => process.exit(process.stdin.isTTY ? 0 : 9), 10);\n');
      await twin.run(['setup']);
      terminal = openShell(twin);
      terminal.type('./run.sh go; echo code $?', 'Enter');
      await until(() => terminal?.text().includes('code 9'), { what: 'a node without a terminal' });
    });
  });
});

let opened = 0;

/** A shell that has typed `./run.sh go NOTES`, once the stand-in screen is up. */
async function openTerminal(project: StandInProject, option = ''): Promise<Terminal> {
  const terminal = openShell(project);
  terminal.type(`./run.sh go '${terminal.file}' ${option}; echo code $?`, 'Enter');
  await until(() => terminal.node() > 0 && terminal.mode() === '1 0', { what: 'the screen' });
  return terminal;
}

/** A shell in a tmux of its own, in the project's folder. */
function openShell(project: StandInProject): Terminal {
  opened += 1;
  const socket = join(project.outside, `tmux${opened}`);
  const file = join(project.outside, `notes${opened}`);
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      cwd: project.root,
      encoding: 'utf8',
      env: { ...project.env, TERM: 'xterm-256color' },
      timeout: 10_000,
    });
  tmux('new-session', '-d', '-x', '100', '-y', '30', 'bash --norc --noprofile');
  return {
    file,
    type: (...keys) => void tmux('send-keys', ...keys),
    text: () => tmux('capture-pane', '-p'),
    mode: () => tmux('display-message', '-p', '#{alternate_on} #{cursor_flag}').trim(),
    notes: () => readFileSync(file, 'utf8'),
    node: () => Number(/pid (\d+)/.exec(readFileSync(file, 'utf8'))?.[1]),
    close: () => void spawnSync('tmux', ['-S', socket, 'kill-server']),
  };
}

function parentOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
}
