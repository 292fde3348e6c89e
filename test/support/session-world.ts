import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { createCompletion } from '../../src/controller/completion.ts';
import type { KnownStateEntry } from '../../src/controller/known-entries.ts';
import { createLiveRun, type LiveRun, supervise } from '../../src/controller/live-run.ts';
import { runSession } from '../../src/controller/session.ts';
import type { SessionOutcome, SessionParts } from '../../src/controller/session-contract.ts';
import { createStateFile, type StateFile } from '../../src/controller/state-file.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { EventBody } from '../../src/model/events.ts';
import type { Probe } from '../../src/model/probe.ts';
import { noTraffic } from '../../src/model/traffic.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import type { QueueStore } from '../../src/queue/contract.ts';
import type { OpenedSource, Service, Sink } from '../../src/services/contract.ts';
import { createCommitter } from '../../src/state/commit.ts';
import { type Disk, realDisk } from '../../src/state/disk.ts';
import { createGenerations } from '../../src/state/generations/generations.ts';
import { defaultSettings, type Settings } from '../../src/state/settings.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { createFullQueues } from '../../src/sync/full-queues.ts';
import { createOutage } from '../../src/sync/outage.ts';

type Opened = OpenedSource extends infer One ? (One extends unknown ? Omit<One, 'traffic'> : never) : never;

/** A state folder with one entry, and sessions of its runs as the controller runs them, in this process. */
export interface SessionWorld {
  readonly path: string;
  readonly events: EventBody[];
  readonly write: (entries: readonly object[]) => void;
  readonly read: () => readonly Record<string, unknown>[];
  /** Opens the folder, as a process does that starts. */
  readonly start: (options?: StartOptions) => Process;
}

export interface StartOptions {
  readonly probe?: Probe;
  readonly disk?: Disk;
}

/** What a process of the program is to an entry. */
export interface Process {
  readonly store: Store;
  readonly stateFile: StateFile;
  readonly parts: SessionParts;
  readonly completion: ReturnType<typeof createCompletion>;
  /** One session of the first entry's run, and its end. @param live for `supervise` and signals @param other for twins */
  session(live?: LiveRun, other?: SessionParts): Promise<SessionOutcome>;
  /** What the controller does whenever the file may have changed. */
  check(live: LiveRun): void;
  entry(): KnownStateEntry;
  close(): void;
}

export interface WorldParts {
  readonly opened: Opened;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly entries: readonly object[];
  readonly groups?: ReadonlyMap<string, readonly string[]>;
  readonly settings?: Partial<Settings>;
  readonly giveUpMs?: number;
}

export function openSessionWorld(world: WorldParts): SessionWorld {
  const { clock } = world;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-session-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'state.json');
  const events: EventBody[] = [];
  const emit = (event: EventBody): void => void events.push(event);
  const write = (entries: readonly object[]): void => writeFileSync(path, JSON.stringify(entries, null, 2));
  let drawn = 0;
  write(world.entries);

  return {
    path,
    events,
    write,
    read: () => z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(readFileSync(path, 'utf8'))),
    start({ probe = () => {}, disk = realDisk } = {}) {
      const store = openStore({ folder, command: 'test', pid: 1, now: 0, probe });
      let isOpen = true;
      const close = (): void => {
        if (isOpen) store.close();
        isOpen = false;
      };
      onTestFinished(close);
      const stateFile = createStateFile({
        path,
        shownPath: 'state.json',
        parse: {},
        store: store.entries,
        committer: createCommitter({ path, clock, emit, probe, disk }),
        groups: world.groups ?? new Map(),
        generations: createGenerations({ folder: join(folder, 'generations'), now: () => 0, emit }),
        drawIdentity: () => `e${(drawn += 1)}`,
        now: () => clock.now(),
        emit,
      });
      stateFile.refresh();
      const completion = createCompletion({ store, stateFile, clock, emit });
      const entry = (): KnownStateEntry => {
        const [first] = stateFile.entries;
        if (!first) throw new Error('the file has no entry');
        return first;
      };
      const parts: SessionParts = {
        store,
        stateFile,
        service: serviceOf(world),
        context: {
          env: {},
          client: createHttpClient({ clock, random: Math.random, emit }),
          quotas: createQuotas({ clock }),
          queue: noQueue,
        },
        settings: () => ({ ...defaultSettings, ...world.settings }),
        outage: createOutage(world.sink.name, clock, emit),
        unconfirmed: { value: 0 },
        full: createFullQueues(emit),
        clock,
        emit,
        giveUpMs: world.giveUpMs,
      };
      return {
        store,
        stateFile,
        parts,
        completion,
        entry,
        close,
        check(live) {
          stateFile.refresh();
          supervise(live, stateFile.entries[0]);
        },
        async session(live = createLiveRun(entry()), other = parts) {
          const outcome = await runSession(live.entry, other, {
            cancel: live.cancel.signal,
            drain: live.drain.signal,
            current: () => entry().entry,
            onRun: ({ id }) => void (live.runId = id),
            onWrite: (frozen, intended) => void (live.own = { frozen, intended }),
          });
          if (outcome.kind === 'complete' && live.reason === undefined) {
            live.finishing = true;
            await completion.finish(outcome.run, outcome, new AbortController().signal);
          }
          return outcome;
        },
      };
    },
  };
}

function serviceOf({ opened, sink }: WorldParts): Service {
  return {
    name: 'TEST',
    defaults: { itemsPerRequest: 10, workerCount: 3 },
    check: () => undefined,
    openSource: async () => await Promise.resolve({ ...opened, traffic: () => noTraffic }),
    openSink: () => sink,
    close: async () => await Promise.resolve(),
  };
}

const away = async (): Promise<never> => await Promise.reject(new Error('there is no queue here'));

/** Nobody asks it: the sink is the test's own. */
const noQueue: QueueStore = {
  kind: 'embedded',
  name: 'none',
  queue() {
    throw new Error('there is no queue here');
  },
  ping: away,
  putMarker: away,
  hasMarker: away,
  dropMarker: away,
  memory: away,
  list: away,
  close: async () => await Promise.resolve(),
};
