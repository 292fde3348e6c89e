import type { CommandPreview, PersonCommand } from '../../model/commands.ts';
import type { LetterCommand } from '../../model/letters.ts';
import type { Operator } from '../../model/operator.ts';
import { layoutOf } from './frame.ts';
import { commandsNow } from './keys/keymap.ts';
import type { Model, Ui } from './model.ts';
import type { Controls } from './screens/contract.ts';
import { screenOf } from './screens/registry.ts';
import type { Clean } from './state/clean.ts';
import { placeOf, withToast } from './ui.ts';

export interface ControlsOptions {
  readonly model: () => Model;
  readonly setUi: (ui: Ui) => void;
  readonly operator: () => Operator | undefined;
  readonly idOf: (key: string) => string | undefined;
  readonly clean: Clean;
  /** Hands the terminal over to an editor. */
  readonly edit: (path: string) => Promise<void>;
  readonly write: (text: string) => void;
  readonly redraw: () => void;
  /** For a quit before there is a controller to ask. */
  readonly quitEarly: ((by: string) => void) | undefined;
}

/** What keys set in motion, with an answer for each. Nothing here throws. */
export function createControls(options: ControlsOptions): Controls {
  const { model, setUi, operator, idOf, clean } = options;

  const answer: Controls['answer'] = (text, tone = 'ok') => {
    const { ui, now } = model();
    setUi(withToast(ui, clean(text), tone, now));
  };
  const change: Controls['change'] = (next) => setUi(next(model().ui));
  /** An answer comes later: whoever waits for it must not be the one who presses keys. */
  const later = (work: Promise<void>): void => {
    work.catch((error: unknown) => answer(error instanceof Error ? error.message : String(error), 'warn'));
  };
  const withOperator = (act: (operator: Operator) => Promise<void>): void => {
    const now = operator();
    if (now) later(act(now));
    else answer('not yet: the controller is still starting', 'warn');
  };

  const controls: Controls = {
    model,
    change,
    answer,
    screen: () => screenOf(placeOf(model().ui).screen),
    bodyHeight: () => layoutOf(model()).body,
    commands: () => commandsNow(model()),
    idOf: ({ report }) => idOf(report.key) ?? report.id,
    send: (command) =>
      withOperator(async (now) => {
        const told = isAboutLetters(command) ? now.letters.command(command) : await now.command(command);
        const next = told.done || told.hint === null ? '' : ` - ${told.hint}`;
        answer(`${told.message}${next}`, told.done ? 'ok' : 'warn');
      }),
    ask(question, command, cost) {
      const mode = { type: 'ask' as const, question, cost: undefined, command };
      change((ui) => ({ ...ui, mode, toast: undefined }));
      const tellCost = async (): Promise<void> => {
        const text = clean((await cost) ?? '');
        // Somebody may have answered before it was known, or be at another question.
        change((ui) => (ui.mode === mode ? { ...ui, mode: { ...mode, cost: text } } : ui));
      };
      later(tellCost());
    },
    retry: (letters) =>
      withOperator((now) => {
        const { ids, refused, overtaken } = now.letters.plan(letters);
        const [first] = refused;
        if (ids.length === 0) {
          answer(`this cannot be retried: ${first?.reason ?? 'it is gone'}`, 'warn');
          return Promise.resolve();
        }
        const command = { type: 'retry', letters: ids } as const;
        const what = ids.length === 1 ? `dead letter ${ids[0]}` : `${ids.length} dead letters`;
        const isHarmless = letters.length === 1 && overtaken === 0;
        if (isHarmless) controls.send(command);
        else controls.ask(`Retry ${what}?`, command, Promise.resolve(retryCost(overtaken, refused.length)));
        return Promise.resolve();
      }),
    async preview(command, label) {
      const preview = await operator()?.preview(command);
      return preview ? costInWords(command, preview, (told) => clean(told) === label) : '';
    },
    undo: () =>
      withOperator(async (now) => {
        const [newest] = await now.generations(1);
        if (!newest) return answer('there is nothing to undo: nothing was written yet', 'plain');
        const command = { type: 'undo', generation: newest.number } as const;
        const what = newest.by === 'run' ? 'the result of a run' : `"${newest.by}"`;
        controls.ask(`Undo ${what} of ${newest.time}?`, command, controls.preview(command));
      }),
    quit(by) {
      const now = operator();
      if (now) return now.quit(by);
      if (options.quitEarly) options.quitEarly(by);
      else answer('still starting; quitting works as soon as it has', 'warn');
    },
    redraw: options.redraw,
    edit: () =>
      withOperator(async (now) => {
        await options.edit(now.statePath);
        answer(`back from the editor: what changed in ${now.statePath} is in force at once`, 'plain');
      }),
    copy(text) {
      // OSC 52: the terminal puts it into the clipboard, over SSH too; it gives no answer.
      options.write(`\u001B]52;c;${Buffer.from(text).toString('base64')}\u0007`);
      answer(`copied, if the terminal allows it: ${text}`, 'plain');
    },
  };
  return controls;
}

function isAboutLetters(command: PersonCommand | LetterCommand): command is LetterCommand {
  return command.type === 'retry' || command.type === 'drop';
}

function retryCost(overtaken: number, refused: number): string {
  const costs = [
    ...(overtaken > 0
      ? [
          `${overtaken === 1 ? '1 is' : `${overtaken} are`} older than what was published since: a consumer that compares no versions goes back`,
        ]
      : []),
    ...(refused > 0 ? [`${refused} more cannot be retried`] : []),
  ];
  return costs.length === 0 ? 'each is published again' : costs.join('; ');
}

/** What is in the way, or what it changes and costs. */
function costInWords(
  { type }: PersonCommand,
  { refusal, changes, costs }: CommandPreview,
  isNamed: (label: string) => boolean,
): string {
  if (refusal) return refusal.message;
  if (changes.length === 0 && type !== 'cancel') return 'that would change nothing';
  const news = type === 'undo' ? changes : [];
  return [...news, ...costs.map(({ label, text }) => (isNamed(label) ? text : `${label}: ${text}`))].join(
    '; ',
  );
}
