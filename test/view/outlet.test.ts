import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOutlet } from '../../src/view/outlet.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { until } from '../support/until.ts';

// Invariant 7: the screen can be slow, stalled or gone without slowing a run.

/** An outlet into a pipe of this process, which takes next to nothing until it is read. */
function intoPipe(): {
  pipe: PassThrough;
  write: (text: string, spare?: boolean) => void;
  leftOut: number[];
  read: () => string;
} {
  const pipe = new PassThrough({ highWaterMark: 1 });
  const leftOut: number[] = [];
  const { write } = createOutlet({
    stream: pipe,
    onLeftOut: (texts) => {
      leftOut.push(texts);
      write(`(${texts} left out)\n`);
    },
  });
  return { pipe, write, leftOut, read: () => String(pipe.read() ?? '') };
}

const kilobyte = `${'x'.repeat(999)}\n`;

test('a reader who reads gets everything, in order', () => {
  const { write, read } = intoPipe();
  let received = '';
  for (let line = 0; line < 3000; line += 1) {
    write(`${line}\n`, line % 2 === 0);
    received += read();
  }
  expect(received).toBe(Array.from({ length: 3000 }, (_, line) => `${line}\n`).join(''));
});

test('for a reader who stopped, a megabyte waits before spare texts are left out, and four before all are', () => {
  const { pipe, write } = intoPipe();
  for (let line = 0; line < 3000; line += 1) write(kilobyte, true);
  expect(pipe.writableLength).toBeGreaterThan(999_000);
  expect(pipe.writableLength).toBeLessThan(1_003_000);
  for (let line = 0; line < 9000; line += 1) write(kilobyte);
  expect(pipe.writableLength).toBeGreaterThan(3_990_000);
  expect(pipe.writableLength).toBeLessThan(4_003_000);
});

test('who reads again is told how many were left out, once, before what comes next', async () => {
  const { pipe, write, leftOut } = intoPipe();
  for (let line = 0; line < 2000; line += 1) write(kilobyte, true);
  expect(leftOut).toEqual([]);
  let received = '';
  pipe.on('data', (part) => (received += String(part)));
  await until(() => pipe.writableLength === 0);
  write('next\n');
  write('and next\n');
  await until(() => received.endsWith('and next\n'));
  expect(leftOut).toHaveLength(1);
  const lines = received.split('\n').filter((line) => !line.startsWith('x'));
  expect(lines).toEqual([`(${leftOut[0]} left out)`, 'next', 'and next', '']);
  expect(received.split(kilobyte).length - 1 + (leftOut[0] ?? 0)).toBe(2000);
});

test('a reader who went away ends nothing and costs nothing', async () => {
  const { pipe, write } = intoPipe();
  pipe.destroy(new Error('EPIPE'));
  await until(() => pipe.destroyed && pipe.closed);
  for (let line = 0; line < 100; line += 1) write(kilobyte);
  expect(pipe.writableLength).toBe(0);
});

describe('on a terminal that stands still (ctrl-S)', () => {
  const hasTmux = spawnSync('tmux', ['-V']).status === 0;

  test('the process goes on', async (context) => {
    if (!hasTmux) context.skip('no tmux on PATH');
    const module = new URL('../../src/view/outlet.ts', import.meta.url).href;
    const outlet = `import { createOutlet } from '${module}';
      const { write } = createOutlet({ stream: process.stdout, onLeftOut: () => {} });`;
    expect(await ticksWhileStopped(outlet)).toBeGreaterThan(5);
  });

  test('twin: with standard output as node opens it, it stands still too', async (context) => {
    if (!hasTmux) context.skip('no tmux on PATH');
    expect(await ticksWhileStopped('const write = (text: string) => process.stdout.write(text);')).toBe(0);
  });
});

describe('into a pipe that nobody reads', () => {
  test('memory does not grow', async () => {
    const module = new URL('../../src/view/outlet.ts', import.meta.url).href;
    const outlet = `import { createOutlet } from '${module}';
      const { write } = createOutlet({ stream: process.stdout, onLeftOut: () => {} });`;
    expect(await growth(outlet)).toBeLessThan(80_000_000);
  });

  test('twin: without the outlet everything is kept for the reader', async () => {
    const outlet = 'const write = (text: string, _spare: boolean) => process.stdout.write(text);';
    expect(await growth(outlet)).toBeGreaterThan(150_000_000);
  });
});

/** A process that writes 10 MB to its terminal and notes every 50 ms that it lives. */
async function ticksWhileStopped(outlet: string): Promise<number> {
  const folder = temporaryFolder();
  const notes = join(folder, 'notes');
  const script = join(folder, 'writer.ts');
  writeFileSync(notes, '');
  writeFileSync(
    script,
    `import { appendFileSync } from 'node:fs';
    ${outlet}
    setTimeout(() => {
      setInterval(() => appendFileSync(${JSON.stringify(notes)}, 'tick\\n'), 50);
      appendFileSync(${JSON.stringify(notes)}, 'writing\\n');
      for (let line = 0; line < 10_000; line += 1) write('y'.repeat(999) + '\\n');
    }, 500);`,
  );
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-S', join(folder, 'tmux'), '-f', '/dev/null', ...args], { encoding: 'utf8' });
  onTestFinished(() => void spawnSync('tmux', ['-S', join(folder, 'tmux'), 'kill-server']));
  tmux('new-session', '-d', '-x', '80', '-y', '24', `${process.execPath} ${script}`);
  tmux('send-keys', 'C-s');
  await until(() => readFileSync(notes, 'utf8').includes('writing'), { what: 'the first note' });
  const started = performance.now();
  await until(() => performance.now() - started > 600 || ticks() > 5, { what: 'some time' });
  return ticks();

  function ticks(): number {
    return readFileSync(notes, 'utf8').split('tick').length - 1;
  }
}

/** How much memory a process has taken after it wrote 200 MB of spare lines, and whether it lives. */
async function growth(outlet: string): Promise<number> {
  const script = join(temporaryFolder(), 'writer.ts');
  writeFileSync(
    script,
    `${outlet}
    const before = process.memoryUsage.rss();
    let lines = 0;
    const some = () => {
      for (let each = 0; each < 10_000; each += 1) write(String(lines + each).padEnd(999) + '\\n', true);
      if ((lines += 10_000) < 200_000) setImmediate(some);
      else process.stderr.write(String(process.memoryUsage.rss() - before), () => process.exit(0));
    };
    some();`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (part) => (said += String(part)));
  await until(() => child.exitCode !== null && said !== '', { ms: 20_000, what: 'the end' });
  return Number(said);
}
