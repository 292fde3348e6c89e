import { letterPlanSchema, letterSchema, lettersSchema } from '../control/letter-messages.ts';
import { answerSchema } from '../control/messages.ts';
import type { Question } from '../control/client.ts';
import { createLetters } from '../controller/dead-letters.ts';
import type { CommandAnswer } from '../model/commands.ts';
import type {
  LetterBook,
  LetterCommand,
  LetterDetail,
  LetterFilter,
  LetterPlan,
  LetterRecord,
} from '../model/letters.ts';
import type { Store } from '../store/store.ts';
import type { CliContext } from './context.ts';
import { readEnvironment } from './environment.ts';
import { askOrOpen, openFolder } from './folder.ts';
import { keepsNewest } from './inside-consumer.ts';

/** The dead letters of a folder: of the controller that runs on it, or of the folder itself when none does. */
export interface LetterCommands {
  list(filter: LetterFilter): Promise<readonly LetterRecord[]>;
  show(id: number): Promise<LetterDetail | undefined>;
  plan(ids: readonly number[]): Promise<LetterPlan>;
  drop(ids: readonly number[]): Promise<CommandAnswer>;
}

/** The folder is held only while something is asked of it: not while a person thinks about an answer (S18). */
export function letterCommands(context: CliContext, folder: string): LetterCommands {
  const inFolder = <T>(work: (book: LetterBook) => T): T => {
    const store = openFolder(context, folder, 'failed');
    try {
      return work(bookOf(context, store));
    } finally {
      store.close();
    }
  };
  const either = async <T>(question: Question<T>, work: (book: LetterBook) => T): Promise<T> =>
    await askOrOpen(context, folder, question, () => inFolder(work));
  return {
    list: (filter) =>
      either({ path: '/letters', body: filter, answer: lettersSchema }, (book) => book.list(filter)),
    async show(id) {
      const question = { path: '/letters/show', query: { id: String(id) }, answer: letterSchema };
      return (await either(question, (book) => book.show(id) ?? null)) ?? undefined;
    },
    plan: (ids) =>
      either({ path: '/letters/plan', body: { letters: ids }, answer: letterPlanSchema }, (book) =>
        book.plan(ids),
      ),
    drop: (ids) =>
      either(asked({ type: 'drop', letters: ids }), (book) => book.command({ type: 'drop', letters: ids })),
  };
}

/** The dead letters of a folder without a queue: nothing of them is published. */
export function bookOf(context: CliContext, store: Store): LetterBook {
  return createLetters({
    store,
    retries: undefined,
    keepsNewest: () => keepsNewest(readEnvironment(context)),
    emit: () => {},
  });
}

/** What is asked of a controller about a command. */
export function asked(command: LetterCommand): Question<CommandAnswer> {
  return { path: '/letters/command', body: command, answer: answerSchema };
}
