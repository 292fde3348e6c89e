import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../../src/model/clock.ts';
import { parseTimestamp } from '../../src/model/time.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { chooseQueue } from '../../src/queue/url.ts';
import type { MailchimpOptions } from '../../src/simulator/mailchimp-options.ts';
import { type MailchimpSimulator, startMailchimp } from '../../src/simulator/mailchimp.ts';
import { type GoInProcess, type InProcess, openInProcess } from './in-process.ts';

/** A state folder, a simulated Mailchimp and the real program in this process, without a terminal. */
export interface World extends InProcess {
  readonly folder: string;
  readonly simulator: MailchimpSimulator;
  writeState(state: unknown): void;
  readState(): readonly Record<string, unknown>[];
  /** Every record in the queue, by job, oldest first. Only while `go` does not run. */
  jobs(): Promise<readonly DeliveredJob[]>;
  close(): Promise<void>;
}

export interface DeliveredJob {
  readonly id: string;
  readonly name: string;
  readonly members: readonly DeliveredMember[];
}

const memberSchema = z.object({ id: z.string(), last_changed: z.string() });
export type DeliveredMember = z.infer<typeof memberSchema>;

export interface WorldOptions extends Pick<GoInProcess, 'clock' | 'wrapping'> {
  /** QUEUE_URL. */
  readonly queue: string;
  readonly mailchimp: MailchimpOptions;
  /** Settings and other environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function openWorld({
  queue,
  mailchimp,
  env = {},
  clock = systemClock,
  wrapping = {},
}: WorldOptions): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-world-'));
  const simulator = await startMailchimp(mailchimp);
  const variables = {
    QUEUE_URL: queue,
    MAILCHIMP_URL: simulator.url,
    MAILCHIMP_APIKEY: simulator.apiKey,
    ...env,
  };
  const program = openInProcess(folder, variables);
  if (queue === 'embedded:') copyTemplate(folder);

  return {
    folder,
    simulator,
    ...program,
    go: (options) => program.go({ clock, wrapping, ...options }),
    writeState: (state) => writeFileSync(join(folder, 'state.json'), JSON.stringify(state, null, 2)),
    readState: () =>
      z
        .array(z.record(z.string(), z.unknown()))
        .parse(JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))),
    async jobs() {
      const store = await openQueueStore(chooseQueue(variables), { folder: join(folder, 'queue') });
      try {
        const signal = AbortSignal.timeout(20_000);
        const found = await store.queue('lists').peek(100_000, signal);
        return found.map(({ id, name, data }) => ({ id, name, members: z.array(memberSchema).parse(data) }));
      } finally {
        await store.close();
      }
    },
    async close() {
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `id last_changed` of every record of the jobs. */
export function namesOf(jobs: readonly DeliveredJob[]): string[] {
  return jobs.flatMap((job) => job.members.map(({ id, last_changed }) => `${id} ${last_changed}`));
}

/** Members that stand at or before `until` in the version they have now, and are not among `delivered`. */
export function missing(
  simulator: MailchimpSimulator,
  list: string,
  until: string,
  delivered: readonly string[],
): string[] {
  const arrived = new Set(delivered);
  const limit = parseTimestamp(until) ?? 0;
  return simulator
    .members(list)
    .filter(({ last_changed }) => (parseTimestamp(last_changed) ?? 0) <= limit)
    .map(({ id, last_changed }) => `${id} ${last_changed}`)
    .filter((name) => !arrived.has(name));
}

/** The first creation of an embedded queue takes seconds; every world of a test file copies one. */
const template = mkdtempSync(join(tmpdir(), 'sluice-template-'));

export async function makeTemplate(): Promise<void> {
  const folder = join(template, 'queue');
  const store = await openQueueStore(chooseQueue({}), { folder });
  await store.close();
}

export function dropTemplate(): void {
  rmSync(template, { recursive: true, force: true });
}

/** Gives a state folder an embedded queue that was made before. */
export function copyTemplate(folder: string): void {
  const from = join(template, 'queue');
  if (!existsSync(from)) throw new Error('call makeTemplate() first');
  mkdirSync(folder, { recursive: true });
  cpSync(from, join(folder, 'queue'), { recursive: true });
}
