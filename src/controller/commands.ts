import type { Clock } from '../model/clock.ts';
import type {
  CommandAnswer,
  CommandPreview,
  PersonCommand,
  PersonCommands,
  Refusal,
} from '../model/commands.ts';
import { asSluiceError, SluiceError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import { differences } from '../state/differences.ts';
import type { WritingCommand } from '../state/generation-names.ts';
import type { Generations } from '../state/generations.ts';
import type { WriteOutcome } from '../state/write-back.ts';
import { type CostsParts, createCosts } from './costs.ts';
import { findTarget, type Target } from './find-entry.ts';
import type { KnownStateEntry } from './known-entries.ts';
import { cancelRun } from './live-run.ts';
import { findOwn, type PersonWrite, type WriteCommand, writesOf } from './person-writes.ts';
import { refuseFaults } from './refuse-faults.ts';
import type { StateFile } from './state-file.ts';
import { names, together } from './together.ts';
import { createUndo } from './undo.ts';

/** What a person asks, by a key, over the control socket or in a folder that no controller holds. */
export interface Commands extends PersonCommands {
  /** Entries that a person wants to run; taken out when the run begins. */
  readonly asked: Set<string>;
}

export interface CommandsParts extends CostsParts {
  readonly stateFile: StateFile;
  readonly generations: Generations;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Forgets the failures of an entry (S2). */
  readonly forgive: (entry: KnownStateEntry) => void;
  /** Asks for a check at once. */
  readonly wake: () => void;
}

export function createCommands(parts: CommandsParts): Commands {
  const { stateFile, live, catalogue, signal, emit, forgive, wake } = parts;
  const { groups } = catalogue;
  const asked = new Set<string>();
  const costs = createCosts(parts);
  const undo = createUndo(parts);

  /** @returns what was done */
  const act = async (command: PersonCommand): Promise<string> => {
    switch (command.type) {
      case 'run':
        return run(findTarget(entriesNow(), groups, command.id));
      case 'cancel':
        return await cancel(findOwn(entriesNow(), groups, command.id, () => true));
      case 'undo':
        return await undo.restore(command.generation, signal);
      default: {
        const { writes, changes } = plan(command);
        if (changes.length === 0) return unchanged(command, writes);
        await write(writes, command.type);
        return told(command, writes, changes);
      }
    }
  };

  /** What a command would do to the file as it stands. @throws SettingError, SluiceError when it cannot be done */
  const plan = (command: WriteCommand) => {
    const before = entriesNow();
    const writes = writesOf(command, before, { groups, check: (entry) => catalogue.check(entry) });
    const planned = stateFile.plan(writes.map(toWrite));
    if (!planned) throw unwritten('unreadable');
    refuseUnwritten(planned.outcomes, writes);
    refuseFaults(before, planned.entries);
    const changes = together(differences(before, planned.entries));
    return {
      writes,
      before,
      after: planned.entries,
      changes: changes.map(({ label, text }) => `${label}: ${text}`),
    };
  };

  const run = ({ label, entries }: Target): string => {
    const ready = entries.filter(({ entry }) => entry.paused !== true);
    if (ready.length === 0) throw notNow(`${label} is paused`, 'resume it first');
    for (const entry of ready) {
      asked.add(entry.key);
      forgive(entry);
    }
    return ready.some(({ key }) => live.has(key))
      ? `${label} runs once more when this run is over`
      : `${label} runs now`;
  };

  /** Paused first: an entry whose run was just dropped is due again at once. What cannot be paused is not cancelled. */
  const cancel = async (target: Target): Promise<string> => {
    const running = target.entries.flatMap(({ key }) => live.get(key) ?? []);
    if (running.length === 0) throw notNow(`${target.label} does not run`);
    const some = running.filter(({ finishing }) => !finishing);
    if (some.length === 0) throw notNow(`${target.label}: the run is just ending`);
    const reason = 'you cancelled it';
    for (const one of some) one.reason ??= reason;
    try {
      await write([{ target, fields: { paused: true } }], 'cancel');
    } catch (error) {
      for (const one of some) if (one.reason === reason) one.reason = undefined;
      throw error;
    }
    for (const one of some) cancelRun(one, reason);
    return `${target.label}: the run is cancelled and the entry paused`;
  };

  const write = async (writes: readonly PersonWrite[], by: WritingCommand): Promise<void> => {
    refuseUnwritten(await stateFile.write(writes.map(toWrite), signal, { by }), writes);
  };

  /** Of the file as it stands: a person who names an entry may have written it a moment ago. */
  const entriesNow = (): readonly KnownStateEntry[] => {
    stateFile.refresh();
    return stateFile.entries;
  };

  /** What a command changes and costs. @throws as the command would */
  const look = async (command: PersonCommand): Promise<Omit<CommandPreview, 'refusal'>> => {
    switch (command.type) {
      case 'run':
      case 'cancel':
        findTarget(entriesNow(), groups, command.id);
        return { changes: [], costs: [] };
      case 'undo': {
        const { before, after, changes } = undo.plan(command.generation);
        return { changes, costs: await costs(before, after) };
      }
      default: {
        const { before, after, changes } = plan(command);
        return { changes, costs: await costs(before, after) };
      }
    }
  };

  return {
    asked,
    async command(command): Promise<CommandAnswer> {
      try {
        const message = await act(command);
        // Somebody may have asked over the socket: whoever watches or reads the log sees it too.
        emit({ type: 'notice', level: 'info', topic: 'command', message });
        return { done: true, message };
      } catch (error) {
        return { done: false, ...refusalOf(error) };
      } finally {
        wake();
      }
    },
    async preview(command) {
      try {
        return { refusal: null, ...(await look(command)) };
      } catch (error) {
        return { refusal: refusalOf(error), changes: [], costs: [] };
      }
    },
    generations: async (most) => await undo.list(most),
  };
}

function toWrite({ target, fields }: PersonWrite) {
  return { identity: target.key, fields };
}

/** What a write did, in words. */
function told({ type }: WriteCommand, writes: readonly PersonWrite[], changes: readonly string[]): string {
  const labels = names(writes.map(({ target }) => target.label));
  const isOne = writes.length === 1;
  switch (type) {
    case 'pause':
      return `${labels} ${isOne ? 'is' : 'are'} paused, also over a restart`;
    case 'resume':
      return `${labels} ${isOne ? 'goes' : 'go'} on`;
    case 'reset':
      return `${labels} reads everything again`;
    case 'set':
      return changes.join('; ');
    default:
      return type satisfies never;
  }
}

function unchanged({ type }: WriteCommand, writes: readonly PersonWrite[]): string {
  const labels = names(writes.map(({ target }) => target.label));
  return type === 'reset'
    ? `${labels} has no cursor yet: its next run reads everything anyway`
    : `${labels}: it is so already, nothing was written`;
}

function refusalOf(thrown: unknown): Refusal {
  const { message, hint, recovery } = asSluiceError(thrown);
  return { message, hint: hint ?? null, mistaken: recovery === 'config' };
}

/** What cannot be done as things stand. */
function notNow(message: string, hint?: string): SluiceError {
  return new SluiceError(message, {
    code: 'command.not_now',
    recovery: 'retry',
    ...(hint === undefined ? {} : { hint }),
  });
}

function refuseUnwritten(outcomes: readonly WriteOutcome[], writes: readonly PersonWrite[]): void {
  for (const [place, outcome] of outcomes.entries()) {
    if (outcome !== 'written') throw unwritten(outcome, writes[place]?.target.label);
  }
}

function unwritten(outcome: WriteOutcome, label = 'the entry'): SluiceError {
  switch (outcome) {
    case 'gone':
      return notNow(`${label} is not in the file any more`);
    case 'ambiguous':
      return notNow(`${label} cannot be told from other entries`, 'give each of them an "id"');
    default:
      return notNow('state.json cannot be read just now', 'correct it first; ./run.sh check says where');
  }
}
