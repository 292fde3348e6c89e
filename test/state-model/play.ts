import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/model/clock.ts';
import { SluiceError } from '../../src/model/errors.ts';
import { canonical } from '../../src/state/canonical.ts';
import type { Write, WriteOutcome } from '../../src/state/write-back.ts';
import { manualClock } from '../state/manual-clock.ts';
import type { Action, Between, Sequence } from './actions.ts';
import { rawOf, render } from './document.ts';
import { Expected, type Made } from './expected.ts';
import { Person } from './person.ts';
import { memoryStore, type Parts, type Process, startProcess } from './process.ts';
import { allowedFor } from './rules.ts';

/** A run that has read everything; its result waits until the file takes it, as in `sluice.db` (S9). */
type Run = Required<Write>;

const never = new AbortController().signal;

/** Plays a sequence on a folder of its own and checks the file against the model at every step. Throws where they differ. */
export async function play(sequence: Sequence, parts: Parts = {}): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-model-'));
  const folder = join(home, 'state');
  const away = join(home, 'away');
  mkdirSync(join(folder, 'elsewhere'), { recursive: true });
  const path = join(folder, 'state.json');
  if (sequence.isLink) symlinkSync('elsewhere/real.json', path);
  writeFileSync(path, render(sequence.first));

  const expected = new Expected(path, sequence.first);
  const person = new Person(expected, sequence.follows);
  const time = manualClock();
  const clock: Clock = {
    ...time,
    sleep: (ms, signal) => (ms < 1000 ? Promise.resolve() : time.sleep(ms, signal)),
  };
  const store = memoryStore();
  const runs: Run[] = [];
  let number = 0;
  let isAway = false;
  /** The folder went in the middle of a write: what was left in it is cleared at the next start. */
  let mayLeave = false;
  let writing: Made | undefined;
  let plan: Between[] = [];
  let killAt: string | undefined;
  let process: Process;

  const probe = (point: string): void => {
    if (point === 'state.compare.after') expected.compared();
    else if (point === 'state.rename.after') expected.renamed(writing);
    else if (!isAway) expected.check(`at ${point}`);
    const index = plan.findIndex((between) => between.point === point);
    const [between] = index === -1 ? [] : plan.splice(index, 1);
    if (between && !isAway) person.step(between.steps);
    if (between?.away === true) goAway();
    if (point === killAt) process.kill();
  };
  const start = async (): Promise<void> => {
    process = await startProcess({ path, clock, probe, store, parts });
    expected.cleared();
    if (expected.document) process.stateFile.refresh();
  };
  const goAway = (): void => {
    if (isAway) return;
    renameSync(folder, away);
    isAway = true;
    mayLeave = true;
  };
  const comeBack = (): void => {
    if (isAway) renameSync(away, folder);
    isAway = false;
  };

  /** A write of the controller's, with what comes in between. */
  const write = async (made: Write): Promise<WriteOutcome | 'failed'> => {
    const inForce = process.stateFile.entries.map(({ key, raw }) => ({ key, raw }));
    writing = { write: made, inForce };
    try {
      const before = expected.renames;
      const [outcome = 'unreadable'] = await process.stateFile.write([made], never);
      judge(outcome, writing, expected.renames > before);
      return outcome;
    } catch (error) {
      expected.interrupted();
      const isExpected = process.isDead() || (isAway && error instanceof SluiceError);
      if (!isExpected) throw error;
      return 'failed';
    } finally {
      writing = undefined;
      plan = [];
    }
  };
  /** A write that renamed something was judged then; any other must come to what the rules give for the file as it is. */
  const judge = (outcome: WriteOutcome, { write: made, inForce }: Made, isRenamed: boolean): void => {
    if (isRenamed && outcome === 'written') return;
    const { document } = expected;
    const allowed = document ? allowedFor(inForce, document, made).map((other) => other.outcome) : [];
    if (isAway || !document) allowed.push('unreadable');
    if (!allowed.includes(outcome)) {
      throw new Error(`the write is ${outcome} and may be ${allowed.join(', ')}:\n${expected.text}`);
    }
  };

  const finishRun = async (index: number): Promise<void> => {
    const [run] = runs.splice(index % Math.max(1, runs.length), 1);
    if (!run) return;
    const outcome = await write(run);
    if (outcome === 'failed' || outcome === 'unreadable') runs.push(run);
  };
  const pass = async (): Promise<void> => {
    const due = [...expected.displaced];
    await time.pass(2000);
    // Behind every look that is due.
    await process.committer.commit(() => undefined, never).catch(() => {});
    plan = [];
    if (!isAway) expected.looked(due, false);
  };
  const quit = async (): Promise<void> => {
    await process.committer.settle();
    if (!isAway) expected.looked([...expected.displaced], true);
  };
  const refresh = (): void => {
    const before = process.stateFile.entries;
    process.stateFile.refresh();
    const { entries } = process.stateFile;
    const must = isAway ? undefined : expected.document?.entries.map((entry) => rawOf(entry));
    const raws = must ?? before.map(({ raw }) => raw);
    if (canonical(raws) !== canonical(entries.map(({ raw }) => raw))) {
      throw new Error(`in force is ${JSON.stringify(entries)} and must be ${JSON.stringify(raws)}`);
    }
  };

  const act = async (action: Action): Promise<void> => {
    if ('between' in action) plan = [...action.between];
    switch (action.do) {
      case 'edit':
        if (isAway) return;
        person.begin(action.changes, action.way, action.cut);
        return person.step(action.steps);
      case 'step':
        return isAway ? undefined : person.step(action.steps);
      case 'begin run': {
        const entry = process.stateFile.entries[action.entry % Math.max(1, process.stateFile.entries.length)];
        if (entry) runs.push({ identity: entry.key, base: entry.raw, fields: result((number += 1)) });
        return;
      }
      case 'finish run':
        return await finishRun(action.run);
      case 'command': {
        const entry = process.stateFile.entries[action.entry % Math.max(1, process.stateFile.entries.length)];
        if (entry) await write({ identity: entry.key, fields: { worker_count: (number += 1) } });
        return;
      }
      case 'check':
        return refresh();
      case 'two seconds':
        return await pass();
      case 'folder away':
        return goAway();
      case 'folder back':
        return comeBack();
      case 'restart':
        comeBack();
        if (!expected.document) return;
        await quit();
        return await start();
      case 'kill':
        // A link that was replaced leads the next start nowhere near what was left at its old end.
        if (isAway || (sequence.isLink && !sequence.follows)) return;
        killAt = action.at;
        await finishRun(action.run);
        killAt = undefined;
        comeBack();
        if (!process.isDead()) return;
        person.step(action.steps);
        if (!expected.document) person.finish();
        return await start();
      default:
        return action satisfies never;
    }
  };

  try {
    await start();
    for (const action of sequence.actions) {
      await act(action);
      plan = [];
      if (!isAway) expected.check(`after ${action.do}`);
    }
    comeBack();
    person.finish();
    expected.check('at the end');
    refresh();
    for (let left = runs.length; left > 0; left--) await finishRun(0);
    await quit();
    if (mayLeave) await start();
    refresh();
    // Nor does the start find what was left there while the folder was away.
    const isLost = mayLeave && sequence.isLink && !sequence.follows;
    const left = expected.strangers().filter((name) => !isLost || !name.startsWith('.real.json'));
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  } finally {
    person.close();
    rmSync(home, { recursive: true, force: true });
  }
}

function result(number: number): Write['fields'] {
  const time = new Date(Date.UTC(2026, 10, 21) + number * 60_000).toISOString();
  const cursor =
    number % 4 === 0 ? { latest_ordinal: number } : { latest_timestamp: `${time.slice(0, 19)}Z` };
  return { ...cursor, elapsed_seconds: number / 10, total_updates: number };
}
