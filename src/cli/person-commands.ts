import { answerSchema, generationsSchema, previewSchema } from '../control/messages.ts';
import type {
  CommandAnswer,
  CommandPreview,
  GenerationReport,
  PersonCommand,
  PersonCommands,
} from '../model/commands.ts';
import { LockedError } from '../model/errors.ts';
import type { Question } from '../control/client.ts';
import { mostGenerations } from '../state/generations.ts';
import type { CliContext } from './context.ts';
import { ask } from './folder.ts';
import { withFolderCommands } from './folder-commands.ts';

/** A person's commands on a folder: of the controller that runs on it, or of the folder itself when none does. */
export interface FolderCommands {
  preview(command: PersonCommand): Promise<CommandPreview>;
  command(command: PersonCommand): Promise<CommandAnswer>;
  generations(): Promise<readonly GenerationReport[]>;
}

/** The folder is held only while something is asked of it: not while a person thinks about the answer. */
export function personCommands(
  context: CliContext,
  folder: string,
  tell: (message: string) => void,
): FolderCommands {
  const either = async <T>(
    command: PersonCommand['type'],
    question: Question<T>,
    work: (commands: PersonCommands) => Promise<T>,
  ): Promise<T> => {
    const answer = await ask(context, folder, question);
    if (answer !== undefined) return answer;
    try {
      return await withFolderCommands(context, { folder, command, tell }, work);
    } catch (error) {
      // A controller that has just started holds the folder before it can be asked.
      const late = error instanceof LockedError ? await ask(context, folder, question) : undefined;
      if (late !== undefined) return late;
      throw error;
    }
  };
  return {
    preview: (command) =>
      either(command.type, { path: '/preview', body: command, answer: previewSchema }, (commands) =>
        commands.preview(command),
      ),
    command: (command) =>
      either(command.type, { path: '/command', body: command, answer: answerSchema }, (commands) =>
        commands.command(command),
      ),
    generations: () =>
      either('undo', { path: '/generations', answer: generationsSchema }, (commands) =>
        commands.generations(mostGenerations),
      ),
  };
}
