import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startMailchimp } from '../../src/simulator/mailchimp.ts';
import type { Running } from '../support/program.ts';
import { hasRedis, startRedis } from '../support/redis.ts';
import { openShell } from '../support/shell.ts';
import { until } from '../support/until.ts';

// Invariant 6: quit drains within a deadline, saves and always exits; a second request forces. Real signals to the real
// program in the middle of a run, side by side, as they wait more than they work.

const shell = openShell();
const { opened } = shell;

interface Going extends Running {
  /** Types of the events so far, and what is in the log file. */
  readonly events: () => string[];
}

/** A controller in the middle of a run, all of whose workers wait for pages that take `latencyMs`. */
async function going(latencyMs: number, env: Record<string, string> = {}): Promise<Going> {
  const simulator = await startMailchimp({ lists: { a: 20_000 }, latencyMs: 30 });
  opened.push(() => simulator.close());
  const folder = mkdtempSync(join(tmpdir(), 'sluice-stop-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'state.json'), '[{ "list_id": "a" }]');
  const running = shell.program.start(['go', '--json', '--state', folder], {
    env: {
      MAILCHIMP_URL: simulator.url,
      MAILCHIMP_APIKEY: simulator.apiKey,
      QUEUE_URL: shell.queue,
      ...env,
    },
  });
  const events = (): string[] => {
    const [log] = readdirSync(join(folder, 'logs'));
    const text = log === undefined ? '' : readFileSync(join(folder, 'logs', log), 'utf8');
    return text.split('\n').flatMap((line) => /"type":"([a-z.]+)"/.exec(line)?.[1] ?? []);
  };
  await until(() => simulator.requests.total > 10, { what: 'a run', ms: 20_000 });
  simulator.setLatency(latencyMs);
  const answered = (): number => simulator.requests.byStatus['200'] ?? 0;
  const quick = answered() + simulator.requests.open;
  await until(() => answered() >= quick && simulator.requests.open >= 8, { what: 'pages that take long' });
  return { ...running, events };
}

test.concurrent('one ctrl-C drains, and is exit 0', async () => {
  const { child, ended, events } = await going(500);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  expect(events().slice(-3)).toEqual(['quit.requested', 'run.drained', 'controller.stopped']);
});

test.concurrent('a terminal that closes is one request: HUP three times and TERM twice', async () => {
  const { child, ended, events } = await going(1500);
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGHUP', 'SIGTERM', 'SIGHUP'] as const) {
    child.kill(signal);
    // Apart, or the kernel would make one signal of two that wait.
    await delay(30);
  }
  expect(await ended).toMatchObject({ code: 0, signal: null });
  expect(events().slice(-3)).toEqual(['quit.requested', 'run.drained', 'controller.stopped']);
});

test.concurrent.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const)('a second %s, later, forces with %i', async (signal, code) => {
  const { child, ended, events } = await going(8000);
  child.kill('SIGTERM');
  await until(() => events().includes('quit.requested'));
  await delay(600);
  const asked = performance.now();
  child.kill(signal);
  expect(await ended).toMatchObject({ code, signal: null });
  expect(performance.now() - asked).toBeLessThan(3000);
  expect(events()).toContain('controller.stopped');
  expect(events()).not.toContain('run.drained');
});

test.concurrent('a queue that stands still cannot hold up the end', async (context) => {
  if (!hasRedis()) context.skip('no redis-server on PATH');
  const stuck = await startRedis();
  opened.push(() => stuck.stop());
  const { child, ended } = await going(100, { QUEUE_URL: stuck.url, SLUICE_DRAIN_SECONDS: '1' });
  stuck.pause();
  opened.push(() => stuck.resume());
  const asked = performance.now();
  child.kill('SIGTERM');
  const { code, signal } = await ended;
  stuck.resume();
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(8000);
});
