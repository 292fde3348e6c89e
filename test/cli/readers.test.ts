import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { startMailchimp } from '../../src/simulator/mailchimp.ts';
import type { Running, StartOptions } from '../support/program.ts';
import { openShell } from '../support/shell.ts';
import { until } from '../support/until.ts';

// Invariant 7: the screen can be slow, stalled or gone without slowing a run. The real program and real pipes.

const shell = openShell();
const { opened } = shell;

interface Going extends Running {
  /** What the log file holds. */
  readonly log: () => string;
}

/** `go` over a list of so many pages of one record; each page is about 450 bytes of NDJSON. */
async function go(pages: number, args: readonly string[], stdout: StartOptions['stdout']): Promise<Going> {
  const simulator = await startMailchimp({ lists: { a: pages } });
  opened.push(() => simulator.close());
  const folder = mkdtempSync(join(tmpdir(), 'sluice-reader-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, 'state.json'),
    '[{ "list_id": "a", "items_per_request": 1, "worker_count": 10 }]',
  );
  const running = shell.program.start(['go', '--json', '--state', folder, ...args], {
    env: {
      MAILCHIMP_URL: simulator.url,
      MAILCHIMP_APIKEY: simulator.apiKey,
      QUEUE_URL: shell.queue,
    },
    ...(stdout === undefined ? {} : { stdout }),
  });
  const log = (): string =>
    readdirSync(join(folder, 'logs'))
      .map((name) => readFileSync(join(folder, 'logs', name), 'utf8'))
      .join('');
  return { ...running, log };
}

const line = z.object({ type: z.string(), message: z.string().optional() }).loose();

test.concurrent('a reader who stopped stops neither the run nor the end', async () => {
  const { ended, log } = await go(400, ['--once'], 'unread');
  expect(await ended).toMatchObject({ code: 0, signal: null });
  expect(log()).toContain('"type":"run.finished"');
});

test.concurrent('a reader who stopped and goes on loses single pages only, and is told how many', async () => {
  const { child, ended, log } = await go(4500, [], 'unread');
  await until(() => log().includes('"type":"run.finished"'), { ms: 25_000, what: 'the end of the run' });
  let received = '';
  child.stdout?.on('data', (part: Buffer) => (received += part.toString()));
  await until(() => received.includes('"run.finished"'), { what: 'what was waiting' });
  child.kill('SIGTERM');
  await until(() => received.includes('"controller.stopped"'), { what: 'the last event' });
  expect(await ended).toMatchObject({ code: 0 });

  const shown = received
    .trimEnd()
    .split('\n')
    .map((text) => line.parse(JSON.parse(text)));
  const pages = shown.filter(({ type }) => type.startsWith('page.')).length;
  const told = shown.filter(({ message }) => message?.includes('lines were left out here') === true);
  expect(told).toHaveLength(1);
  const leftOut = Number(/^\d+/.exec(told[0]?.message ?? '')?.[0]);
  expect(leftOut).toBeGreaterThan(100);
  // Two events a page: read and confirmed; some are read again.
  expect(pages + leftOut).toBeGreaterThanOrEqual(2 * 4500);
  // The log has exactly the others, but for the view of all entries.
  const logged = log()
    .trimEnd()
    .split('\n')
    .map((text) => line.parse(JSON.parse(text)).type);
  const others = shown.map(({ type }) => type).filter((type) => !type.startsWith('page.'));
  expect(others.filter((type) => type !== 'entries.known')).toEqual(logged);
});

test.concurrent('a reader who went away (| head -1) ends nothing', async () => {
  const running = await go(300, ['--once'], 'unread');
  running.child.stdout?.once('data', () => running.child.stdout?.destroy());
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
  expect(running.stderr()).toBe('');
  expect(running.log()).toContain('"type":"run.finished"');
});

test.concurrent('a command whose reader went away ends quietly', async () => {
  const { child, ended } = shell.program.start(['help'], { stdout: 'unread' });
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' });
});
