import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Commands, createCommands, type CommandsParts } from '../../src/controller/commands.ts';
import type { LiveRun } from '../../src/controller/live-run.ts';
import { createStateFile, type StateFile } from '../../src/controller/state-file.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { CommandPreview, PersonCommand } from '../../src/model/commands.ts';
import type { EventBody } from '../../src/model/events.ts';
import type { Probe } from '../../src/model/probe.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import { createCatalogue } from '../../src/services/catalogue.ts';
import { type MailchimpSimulator, startMailchimp } from '../../src/simulator/mailchimp.ts';
import { type Committer, createCommitter } from '../../src/state/commit.ts';
import { createGenerations, type Generations } from '../../src/state/generations/generations.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { parseOptions } from '../../src/cli/parse-options.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';

/** A real state folder with a simulated Mailchimp, and who takes commands for it. */
export interface Desk {
  readonly folder: string;
  readonly simulator: MailchimpSimulator;
  readonly store: Store;
  readonly stateFile: StateFile;
  readonly generations: Generations;
  readonly commands: Commands;
  readonly live: Map<string, LiveRun>;
  readonly events: EventBody[];
  readonly path: string;
  readonly committer: Committer;
  write(text: string): void;
  text(): string;
  /** What a command costs, a line each, or why it cannot be. */
  costs(command: PersonCommand): Promise<readonly string[]>;
}

/** @param probe is called around each effect of a write into the file */
export async function openDesk(
  text: string,
  change: Partial<CommandsParts> = {},
  probe: Probe = () => {},
): Promise<Desk> {
  const folder = temporaryFolder();
  const path = join(folder, 'state.json');
  writeFileSync(path, text);
  const simulator = await startMailchimp({ lists: { l1: 1200, l2: 300 } });
  const store = openStore({ folder, command: 'test', pid: 1, now: 0 });
  const events: EventBody[] = [];
  const emit = (event: EventBody): void => void events.push(event);
  const catalogue = createCatalogue();
  const clock = systemClock;
  const client = createHttpClient({ clock, random: Math.random, emit });
  const now = (): number => clock.now();
  const generations = createGenerations({ folder: join(folder, 'generations'), now, emit });
  const committer = createCommitter({ path, clock, emit, probe });
  let drawn = 0;
  const stateFile = createStateFile({
    path,
    shownPath: 'state.json',
    parse: parseOptions(catalogue),
    groups: catalogue.groups,
    store: store.entries,
    committer,
    generations,
    drawIdentity: () => `e${(drawn += 1)}`,
    now,
    emit,
  });
  stateFile.refresh();
  const live = new Map<string, LiveRun>();
  const commands = createCommands({
    stateFile,
    generations,
    runs: store.runs,
    live,
    catalogue,
    context: {
      env: { MAILCHIMP_URL: simulator.url, MAILCHIMP_APIKEY: simulator.apiKey },
      client,
      quotas: createQuotas({ clock }),
    },
    clock,
    emit,
    signal: new AbortController().signal,
    forgive: () => {},
    wake: () => {},
    ...change,
  });
  onTestFinished(async () => {
    await committer.settle();
    await client.close();
    await catalogue.close();
    store.close();
    await simulator.close();
  });
  return {
    folder,
    simulator,
    store,
    stateFile,
    generations,
    commands,
    live,
    events,
    path,
    committer,
    write: (next) => writeFileSync(path, next),
    text: () => readFileSync(path, 'utf8'),
    costs: async (command) => linesOf(await commands.preview(command)),
  };
}

function linesOf({ refusal, costs }: CommandPreview): readonly string[] {
  return refusal ? [`refused: ${refusal.message}`] : costs.map(({ label, text }) => `${label}: ${text}`);
}
