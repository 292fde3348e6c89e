import { answerSchema, generationsSchema, previewSchema } from '../control/messages.ts';
import type {
  CommandAnswer,
  CommandPreview,
  GenerationReport,
  PersonCommand,
  PersonCommands,
} from '../model/commands.ts';
import type { Question } from '../control/client.ts';
import { mostGenerations } from '../state/generations/room.ts';
import type { CliContext } from './context.ts';
import { askOrOpen } from './folder.ts';
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
    return await askOrOpen(context, folder, question, () =>
      withFolderCommands(context, { folder, command, tell }, work),
    );
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
