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
import type { WritingCommand } from '../state/generations/names.ts';
import type { Generations } from '../state/generations/generations.ts';
import type { WriteOutcome } from '../state/write-back.ts';
import { begunOf, cancelCosts } from './cancel-costs.ts';
import { type CostsParts, createCosts } from './costs.ts';
import { findTarget, type Target } from './find-entry.ts';
import { byGroup } from './group-lines.ts';
import type { KnownStateEntry } from './known-entries.ts';
import { cancelRun, type LiveRun } from './live-run.ts';
import { calledAs, pauseWrites, type PersonWrite, type WriteCommand, writesOf } from './person-writes.ts';
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
  const { stateFile, generations, live, catalogue, signal, emit, forgive, wake } = parts;
  const asked = new Set<string>();
  const costs = createCosts(parts);
  const undo = createUndo(parts);

  /** @returns what was done */
  const act = async (command: PersonCommand): Promise<string> => {
    switch (command.type) {
      case 'run':
        return run(findTarget(entriesNow(), command.id));
      case 'cancel':
        return await cancel(findTarget(entriesNow(), command.id));
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
    const writes = writesOf(command, before, (entry) => catalogue.check(entry));
    const planned = stateFile.plan(writes.map(toWrite));
    if (!planned) throw unreadable();
    refuseUnwritten(planned.outcomes, writes);
    refuseFaults(before, planned.entries);
    const changes = together(byGroup(differences(before, planned.entries), before));
    return {
      writes,
      before,
      after: planned.entries,
      changes: changes.map(({ label, text }) => `${label}: ${text}`),
      beyond: writes.flatMap((write) => write.beyond ?? []),
    };
  };

  const run = (target: Target): string => {
    const label = calledAs(target);
    const ready = target.entries.filter(({ entry }) => entry.paused !== true);
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
    const some = cancellable(target);
    const reason = 'you cancelled it';
    for (const one of some) one.reason ??= reason;
    try {
      await write(pauseWrites([target], entriesNow(), true), 'cancel');
    } catch (error) {
      for (const one of some) if (one.reason === reason) one.reason = undefined;
      throw error;
    }
    for (const one of some) cancelRun(one, reason);
    const count = begunOf(some);
    const what = count > 1 ? `${count} runs are` : 'the run is';
    return `${calledAs(target)}: ${what} cancelled; it is paused now`;
  };

  /** The runs that can be. @throws SluiceError where none is */
  const cancellable = ({ label, entries }: Target): readonly LiveRun[] => {
    const running = entries.flatMap(({ key }) => live.get(key) ?? []);
    if (running.length === 0) throw notNow(`${label} does not run`);
    const some = running.filter(({ finishing }) => !finishing);
    if (some.length === 0) throw notNow(`${label}: the run is just ending`);
    return some;
  };

  const write = async (writes: readonly PersonWrite[], by: WritingCommand): Promise<void> => {
    refuseUnwritten(await stateFile.write(writes.map(toWrite), signal, { by }), writes);
  };

  /** Of the file as it stands: a person who names an entry may have written it a moment ago. */
  const entriesNow = (): readonly KnownStateEntry[] => {
    stateFile.refresh();
    return stateFile.entries;
  };

  /** Why nothing can be written into the file, and the way out. */
  const unreadable = (): SluiceError => {
    const canUndo = generations.any() || stateFile.last().text !== undefined;
    const undoing = canUndo ? '; ./run.sh undo brings an earlier version back' : '';
    return stateFile.look().kind === 'missing'
      ? notNow('state.json is not there', `write one${undoing}`)
      : notNow('state.json cannot be read just now', `correct it, ./run.sh check says where${undoing}`);
  };

  /** What a command changes and costs. @throws as the command would */
  const look = async (command: PersonCommand): Promise<Omit<CommandPreview, 'refusal'>> => {
    switch (command.type) {
      case 'run':
        findTarget(entriesNow(), command.id);
        return { changes: [], costs: [] };
      case 'cancel': {
        const target = findTarget(entriesNow(), command.id);
        return { changes: [], costs: [cancelCosts(target, cancellable(target), parts.runs)] };
      }
      case 'undo': {
        const { before, after, changes } = undo.plan(command.generation);
        return { changes, costs: await costs(before, after) };
      }
      default: {
        const { before, after, changes, beyond } = plan(command);
        return { changes, costs: [...beyond, ...(await costs(before, after))] };
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

function toWrite({ key, fields }: PersonWrite) {
  return { identity: key, fields };
}

/** What a write did, in words. */
function told({ type }: WriteCommand, writes: readonly PersonWrite[], changes: readonly string[]): string {
  const all = writes.flatMap((write) => write.labels);
  const labels = names(all);
  const isOne = all.length === 1;
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
  const labels = names(writes.flatMap((write) => write.labels));
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
    if (outcome !== 'written') throw unwritten(outcome, writes[place]?.labels[0]);
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
