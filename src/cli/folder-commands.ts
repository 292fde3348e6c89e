import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { createCommands } from '../controller/commands.ts';
import { createCompletion } from '../controller/completion.ts';
import { createStateFile } from '../controller/state-file.ts';
import type { PersonCommand, PersonCommands } from '../model/commands.ts';
import type { Emit } from '../model/events.ts';
import { createHttpClient } from '../net/client.ts';
import { createQuotas } from '../net/quota.ts';
import { createCatalogue } from '../services/catalogue.ts';
import { createCommitter } from '../state/commit.ts';
import { createGenerations } from '../state/generations/generations.ts';
import { clearLeftovers } from '../state/leftovers.ts';
import { parseState } from '../state/parse.ts';
import type { CliContext } from './context.ts';
import { readEnvironment } from './environment.ts';
import { openFolder } from './folder.ts';
import { parseOptions } from './parse-options.ts';

/** A write into a file that others keep saving is given up after this. */
const longestMs = 30_000;

export interface FolderOptions {
  readonly folder: string;
  /** What the folder is held for. */
  readonly command: PersonCommand['type'];
  /** Hears of what a person should know. */
  readonly tell: (message: string) => void;
}

/**
 * Takes a person's commands in a folder that no controller holds, for the length of `work` (S18).
 * @throws LockedError when somebody holds it, StateError when its file cannot be used (but not for `undo`), SettingError
 */
export async function withFolderCommands<T>(
  context: CliContext,
  { folder, command, tell }: FolderOptions,
  work: (commands: PersonCommands) => Promise<T>,
): Promise<T> {
  const { clock } = context;
  const emit: Emit = (event) => {
    if (event.type === 'notice' && event.level !== 'info') tell(event.message);
  };
  const signal = AbortSignal.timeout(longestMs);
  await using closing = new AsyncDisposableStack();
  const store = openFolder(context, folder, command);
  closing.defer(() => store.close());
  const path = join(folder, 'state.json');
  const catalogue = createCatalogue();
  closing.defer(() => catalogue.close());
  await clearLeftovers({
    path,
    emit,
    now: clock.now(),
    isWhole: (text) => parseState(text, { file: path }).ok,
  });
  const committer = createCommitter({ path, clock, emit });
  closing.defer(() => committer.settle());
  const generations = createGenerations({
    folder: join(folder, 'generations'),
    now: () => clock.now(),
    emit,
  });
  const stateFile = createStateFile({
    path,
    shownPath: path,
    parse: parseOptions(catalogue),
    groups: catalogue.groups,
    store: store.entries,
    committer,
    generations,
    drawIdentity: randomUUID,
    now: () => clock.now(),
    emit,
  });
  const isReadable = refresh(() => stateFile.refresh(), command);
  // Invariant 3: an end that was begun is over before a person moves the cursor, or it would move it back (S9).
  if (isReadable) await createCompletion({ store, stateFile, clock, emit }).catchUp(signal);
  const client = createHttpClient({ clock, random: Math.random, emit });
  closing.defer(() => client.close());
  const commands = createCommands({
    stateFile,
    generations,
    runs: store.runs,
    live: new Map(),
    catalogue,
    context: { env: readEnvironment(context), client, quotas: createQuotas({ clock }) },
    clock,
    emit,
    signal,
    forgive: () => {},
    wake: () => {},
  });
  return await work(commands);
}

/** A broken file can be replaced by an earlier one, and by nothing else. */
function refresh(work: () => void, command: PersonCommand['type']): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (command === 'undo') return false;
    throw error;
  }
}
