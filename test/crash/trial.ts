import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { openMailchimpOrigin } from '../../src/cli/selftest/mailchimp-origin.ts';
import type { Origin } from '../../src/cli/selftest/origin.ts';
import type { PlannedKill } from '../../src/cli/selftest/points.ts';
import { crash, type CrashResult, type CrashTest } from '../../src/cli/selftest/rounds.ts';
import { faultsIn } from '../../src/cli/selftest/summary.ts';
import type { VictimProgram } from '../../src/cli/selftest/victim.ts';
import { systemClock } from '../../src/model/clock.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { chooseQueue } from '../../src/queue/url.ts';

export interface TrialOptions extends Partial<Pick<CrashTest, 'between' | 'forgets'>> {
  /** QUEUE_URL. */
  readonly queue: string;
  readonly kills: readonly PlannedKill[];
  /** The part to break, one of `twins`. */
  readonly twin?: string | undefined;
  /** What kind of pages; a list of members by default. */
  readonly openOrigin?: () => Promise<Origin>;
}

export interface Trial extends CrashResult {
  /** What is wrong, `lost` included; empty when the promise was kept. */
  readonly wrong: readonly string[];
}

const program = resolve(import.meta.dirname, 'victim.ts');
const cache = resolve(import.meta.dirname, '../../node_modules/.cache/compiled');
let trials = 0;

/** How to start a process under test, with the broken part that is named. */
export function victimWith(twin?: string): VictimProgram {
  const { PATH, HOME } = process.env;
  return {
    command: [process.execPath, program, ...(twin === undefined ? [] : [twin])],
    env: { PATH, HOME, TZ: 'UTC', NODE_COMPILE_CACHE: cache },
  };
}

/** One crash test in a folder and queues of its own. */
export async function runTrial({
  queue,
  kills,
  twin,
  openOrigin = openMailchimpOrigin,
  ...more
}: TrialOptions): Promise<Trial> {
  const top = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
  const folder = join(top, 'state');
  mkdirSync(folder);
  if (queue === 'embedded:') cpSync(await templateQueue(), join(folder, 'queue'), { recursive: true });
  const origin = await openOrigin();
  trials += 1;
  try {
    const result = await crash({
      origin,
      folder,
      scratch: top,
      queueEnv: { QUEUE_URL: queue },
      queuePrefix: `crash-${process.pid}-${trials}-`,
      victim: victimWith(twin),
      kills,
      clock: systemClock,
      signal: AbortSignal.timeout(300_000),
      ...more,
    });
    return { ...result, wrong: faultsIn(result, origin.underWay) };
  } finally {
    await origin.close();
    rmSync(top, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The promise of the crash matrix. */
export function expectKept(trial: Trial, kills: readonly PlannedKill[]): void {
  expect(trial.wrong).toEqual([]);
  expect(trial.kills).toBe(kills.length);
  // The state file was really watched while it was written.
  expect(trial.looks).toBeGreaterThan(100 * kills.length);
}

let template: Promise<string> | undefined;

/** The first creation of an embedded queue takes seconds; every trial of a test file copies one. */
function templateQueue(): Promise<string> {
  template ??= makeTemplate();
  return template;
}

async function makeTemplate(): Promise<string> {
  const top = mkdtempSync(join(tmpdir(), 'sluice-crash-queue-'));
  process.once('exit', () => rmSync(top, { recursive: true, force: true }));
  const folder = join(top, 'queue');
  const store = await openQueueStore(chooseQueue({}), { folder });
  await store.close();
  return folder;
}
