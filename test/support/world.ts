import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { CliContext } from '../../src/cli/context.ts';
import { runController, type Wrapping } from '../../src/cli/go.ts';
import { type Clock, systemClock } from '../../src/model/clock.ts';
import type { SluiceEvent } from '../../src/model/events.ts';
import type { Operator } from '../../src/model/operator.ts';
import { parseTimestamp } from '../../src/model/time.ts';
import { openQueueStore } from '../../src/queue/open.ts';
import { chooseQueue } from '../../src/queue/url.ts';
import type { MailchimpOptions } from '../../src/simulator/mailchimp-options.ts';
import { type MailchimpSimulator, startMailchimp } from '../../src/simulator/mailchimp.ts';

/** A state folder, a simulated Mailchimp and the real program in this process, without a terminal. */
export interface World {
  readonly folder: string;
  readonly simulator: MailchimpSimulator;
  readonly events: SluiceEvent[];
  /** Runs `go` in this process. @returns its exit code */
  go(options?: { readonly once?: boolean }): Promise<number>;
  /** What a screen would have; only while `go` runs. */
  operator(): Operator;
  /** What a signal does; call it while `go` runs. */
  signal(name: string): void;
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

export interface WorldOptions {
  /** QUEUE_URL. */
  readonly queue: string;
  readonly mailchimp: MailchimpOptions;
  /** Settings and other environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the program takes for the time; the simulator and the queue have the real one. */
  readonly clock?: Clock;
  /** What a twin puts in the place of a part (S24). */
  readonly wrapping?: Wrapping;
}

const copies = resolve(import.meta.dirname, '../../state');

export async function openWorld({
  queue,
  mailchimp,
  env = {},
  clock = systemClock,
  wrapping = {},
}: WorldOptions): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-world-'));
  const simulator = await startMailchimp(mailchimp);
  const events: SluiceEvent[] = [];
  const listeners = new Set<(name: string) => void>();
  let operator: Operator | undefined;
  const variables = {
    QUEUE_URL: queue,
    MAILCHIMP_URL: simulator.url,
    MAILCHIMP_APIKEY: simulator.apiKey,
    ...env,
  };
  const context: CliContext = {
    args: [],
    env: variables,
    root: folder,
    copies,
    version: 'test',
    pid: 1,
    user: 0,
    temporary: tmpdir(),
    clock,
    print: () => {},
    confirm: () => Promise.resolve(undefined),
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    openViews: () =>
      Promise.resolve({
        show: (event) => void events.push(event),
        isLent: () => false,
        attach: (attached) => void (operator = attached),
        close: () => Promise.resolve(),
      }),
  };
  if (queue === 'embedded:') copyTemplate(folder);

  return {
    folder,
    simulator,
    events,
    go: ({ once = false } = {}) =>
      runController(
        context,
        { folder, env: variables, json: false, plain: true, ascii: false, once },
        wrapping,
      ),
    operator() {
      if (!operator) throw new Error('go does not run');
      return operator;
    },
    signal(name) {
      for (const listener of listeners) listener(name);
    },
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
