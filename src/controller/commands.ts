import type { CommandAnswer, PersonCommand } from '../model/commands.ts';
import { asSluiceError } from '../model/errors.ts';
import type { Catalogue } from '../services/catalogue.ts';
import type { ServiceContext } from '../services/contract.ts';
import type { WriteOutcome } from '../state/write-back.ts';
import type { KnownStateEntry } from './known-entries.ts';
import { cancelRun, type LiveRun } from './live-run.ts';
import type { StateFile } from './state-file.ts';

export interface Commands {
  /** Does what a person asked and says what was done, or why not. Never rejects. */
  command(command: PersonCommand): Promise<CommandAnswer>;
  /** What reading an entry again would cost, in words: `reads about 41,200 records again`. Never rejects. */
  preview(id: string): Promise<string>;
  /** Entries that a person wants to run; taken out when the run begins. */
  readonly asked: Set<string>;
}

export interface CommandsParts {
  readonly stateFile: StateFile;
  readonly live: ReadonlyMap<string, LiveRun>;
  readonly catalogue: Catalogue;
  readonly context: ServiceContext;
  /** Ends what a command still waits for. */
  readonly signal: AbortSignal;
  /** Forgets the failures of an entry (S2). */
  readonly forgive: (entry: KnownStateEntry) => void;
  /** Asks for a check at once. */
  readonly wake: () => void;
}

/** The source is asked how much there is; a person who looks at a question waits no longer. */
const previewMs = 10_000;

export function createCommands(parts: CommandsParts): Commands {
  const { stateFile, live, catalogue, context, signal, forgive, wake } = parts;
  const asked = new Set<string>();

  const act = async (entry: KnownStateEntry, command: PersonCommand): Promise<CommandAnswer> => {
    const { label } = entry;
    const run = live.get(entry.key);
    switch (command.type) {
      case 'run':
        if (entry.entry.paused === true) return no(`${label} is paused: resume it first`);
        asked.add(entry.key);
        forgive(entry);
        wake();
        return yes(run ? `${label} runs once more when this run is over` : `${label} runs now`);
      case 'reload':
        return await write(entry, { latest_timestamp: null }, `${label} reads everything again`);
      case 'pause':
        return await write(entry, { paused: true }, `${label} is paused, also over a restart`);
      case 'resume':
        return await write(entry, { paused: false }, `${label} goes on`);
      case 'workers':
        return await write(entry, { worker_count: command.count }, `${label}: worker_count ${command.count}`);
      case 'cancel':
        return run ? await cancel(entry, run) : no(`${label} does not run`);
      default:
        return command satisfies never;
    }
  };

  /** Paused first: an entry whose run was just dropped is due again at once. What cannot be paused is not cancelled. */
  const cancel = async (entry: KnownStateEntry, run: LiveRun): Promise<CommandAnswer> => {
    if (run.finishing) return no(`${entry.label}: the run is just ending`);
    const reason = 'you cancelled it';
    run.reason ??= reason;
    let isPaused = false;
    try {
      const done = `${entry.label}: the run is cancelled and the entry paused`;
      const answer = await write(entry, { paused: true }, done);
      isPaused = answer.done;
      return answer;
    } finally {
      if (isPaused) cancelRun(run, reason);
      else if (run.reason === reason) run.reason = undefined;
    }
  };

  const write = async (
    { key, label }: KnownStateEntry,
    fields: Readonly<Record<string, null | boolean | number>>,
    done: string,
  ): Promise<CommandAnswer> => {
    const [outcome] = await stateFile.write([{ identity: key, fields }], signal);
    wake();
    return outcome === 'written' ? yes(done) : no(`${label}: ${unwritten(outcome)}`);
  };

  const find = (id: string): KnownStateEntry | undefined =>
    stateFile.entries.find((entry) => entry.id === id);

  return {
    asked,
    async command(command) {
      const entry = find(command.id);
      if (!entry) return no(`there is no entry "${command.id}" any more`);
      try {
        return await act(entry, command);
      } catch (error) {
        return no(`${entry.label}: ${asSluiceError(error).message}`);
      }
    },
    async preview(id) {
      const entry = find(id);
      if (!entry || entry.problem) return 'the entry cannot run as it is';
      try {
        const within = AbortSignal.any([signal, AbortSignal.timeout(previewMs)]);
        const { source } = await catalogue.of(entry.entry).openSource(entry.entry, context);
        const { total } = await source.probe(null, within);
        return `reads about ${total.toLocaleString('en-US')} records again`;
      } catch (error) {
        return `reads everything again (how much that is could not be asked: ${asSluiceError(error).message})`;
      }
    },
  };
}

const yes = (message: string): CommandAnswer => ({ done: true, message });
const no = (message: string): CommandAnswer => ({ done: false, message });

function unwritten(outcome: WriteOutcome | undefined): string {
  switch (outcome) {
    case 'gone':
      return 'the entry is not in the file any more';
    case 'ambiguous':
      return 'it cannot be told from other entries; give each an "id"';
    default:
      return 'state.json cannot be read just now; correct it first';
  }
}
