import { beforeEach, describe, expect, test } from 'vitest';
import type {
  CommandAnswer,
  CommandPreview,
  GenerationReport,
  PersonCommand,
} from '../../../src/model/commands.ts';
import type { Operator } from '../../../src/model/operator.ts';
import { createControls } from '../../../src/view/tui/controls.ts';
import { handlePaste } from '../../../src/view/tui/keys/handle.ts';
import { keymap } from '../../../src/view/tui/keys/keymap.ts';
import type { Model, Ui } from '../../../src/view/tui/model.ts';
import { screens } from '../../../src/view/tui/screens/registry.ts';
import { listOf, placeOf, startUi } from '../../../src/view/tui/ui.ts';
import { createLetterBook } from './letter-book.ts';
import { busyScene, modelOf } from './scene.ts';
import { noTerminal, pressKeys } from './press.ts';

const scene = busyScene();
let ui: Ui;
let commands: PersonCommand[];
let said: string[];
let quits: string[];
let edited: string[];
let written: string[];
let answer: CommandAnswer;
let writes: GenerationReport[];
let cost: PromiseWithResolvers<CommandPreview>;
let operator: Operator | undefined;
const letterBook = createLetterBook();

beforeEach(() => {
  ui = startUi('entries');
  commands = [];
  said = [];
  quits = [];
  edited = [];
  written = [];
  answer = { done: true, message: 'done so' };
  writes = [];
  cost = Promise.withResolvers<CommandPreview>();
  operator = {
    statePath: 'state/state.json',
    command: (command) => {
      commands.push(command);
      return Promise.resolve(answer);
    },
    preview: () => cost.promise,
    generations: () => Promise.resolve(writes),
    queues: () => Promise.resolve([]),
    history: () => [],
    letters: letterBook,
    quit: (by) => void quits.push(by),
  };
});

const controls = createControls({
  model: (): Model => ({ ...modelOf(scene, 120, 30), ui }),
  setUi(next) {
    if (next.toast && next.toast !== ui.toast) said.push(next.toast.text);
    ui = next;
  },
  operator: () => operator,
  idOf: (key) => scene.store.idOf(key),
  ...noTerminal,
  edit: (path) => {
    edited.push(path);
    return Promise.resolve();
  },
  write: (text) => void written.push(text),
});

const press = async (...names: readonly string[]): Promise<void> => await pressKeys(controls, names);

describe('actions', () => {
  test('r runs the chosen entry and shows the answer', async () => {
    await press('down', 'down', 'r');
    expect(commands).toEqual([{ type: 'run', id: 'COURSE_UNIT' }]);
    expect(said).toEqual(['done so']);
  });

  test('p pauses what runs and resumes what is paused', async () => {
    await press('p', 'G', 'k', 'k', 'p');
    expect(commands).toEqual([
      { type: 'pause', ids: ['1a2d7ebf82'] },
      { type: 'resume', ids: ['77aa00bb22'] },
    ]);
  });

  test('R asks first and shows what it costs as soon as that is known', async () => {
    await press('R');
    expect(ui.mode).toMatchObject({ type: 'ask', cost: undefined });
    cost.resolve(previewOf('reads about 41,200 records again'));
    await press('z');
    expect(ui.mode).toMatchObject({ cost: 'reads about 41,200 records again' });
    expect(said).toEqual(['answer first: y does it, n leaves it']);
    expect(commands).toEqual([]);
    await press('y');
    expect(commands).toEqual([{ type: 'reset', id: '1a2d7ebf82' }]);
    expect(ui.mode.type).toBe('browse');
  });

  test('n and esc leave everything as it is, also before the cost is known', async () => {
    await press('R', 'n', 'R', 'esc');
    cost.resolve(previewOf('too late'));
    await press();
    expect(commands).toEqual([]);
    expect(ui.mode.type).toBe('browse');
    expect(said).toEqual(['nothing was changed', 'nothing was changed']);
  });

  test('x asks before it cancels, and says so when there is nothing to cancel', async () => {
    await press('x', 'y', 'G', 'x');
    expect(commands).toEqual([{ type: 'cancel', id: '1a2d7ebf82' }]);
    expect(said.at(-1)).toBe('list broken does not run: there is nothing to cancel');
  });

  test('+ and - change worker_count of the open entry; two presses count twice before the report follows', async () => {
    await press('enter', '+', '+', '-', '-', '-', '-', '-', '-');
    const counts = commands.map((command) => (command.type === 'set' ? command.fields['worker_count'] : 0));
    expect(counts).toEqual([5, 6, 5, 4, 3, 2, 1]);
    expect(said.at(-1)).toBe('list 1a2d7ebf82 needs one worker at least; p pauses it');
  });

  test('u asks whether to take back the newest write, and shows what that changes and costs', async () => {
    writes = [{ number: 7, time: '2026-11-21T10:00:00Z', by: 'set', run: null, changes: [] }];
    await press('u');
    expect(ui.mode).toMatchObject({ type: 'ask', question: 'Undo "set" of 2026-11-21T10:00:00Z?' });
    const changes = ['list "a": worker_count 8 -> 4'];
    cost.resolve({ refusal: null, changes, costs: [{ label: 'list "b"', text: 'reads about 3 records' }] });
    await press('z');
    expect(ui.mode).toMatchObject({
      cost: 'list "a": worker_count 8 -> 4; list "b": reads about 3 records',
    });
    await press('y');
    expect(commands).toEqual([{ type: 'undo', generation: 7 }]);
  });

  test('u with nothing to take back says so', async () => {
    await press('u');
    expect(commands).toEqual([]);
    expect(said).toEqual(['there is nothing to undo: nothing was written yet']);
  });

  test('an invalid entry says why it cannot run', async () => {
    await press('G', 'r');
    expect(commands).toEqual([]);
    expect(said.at(-1)).toContain('cannot run as it is written: line 12, column 3');
  });

  test('e opens the state file', async () => {
    await press('e');
    expect(edited).toEqual(['state/state.json']);
    expect(said.at(-1)).toContain('back from the editor');
  });

  test('y copies the chosen line by OSC 52', async () => {
    await press('down', 'down', 'down', 'y');
    expect(written[0]?.slice(0, 7)).toBe('\u001B]52;c;');
    const payload = written[0]?.slice(7, -1) ?? '';
    expect(Buffer.from(payload, 'base64').toString()).toBe(
      'list 9f31c0de11  failed  2 h 40 min behind: 401 API Key Invalid - check MAILCHIMP_APIKEY',
    );
  });

  test('q and ctrl-c quit, wherever one is', async () => {
    await press('q', '/', 'ctrl+c', 'esc', 'R', 'ctrl+c');
    expect(quits).toEqual(['q', 'ctrl-c', 'ctrl-c']);
  });

  test('a refusal is shown as well', async () => {
    answer = { done: false, message: 'it is paused', hint: 'resume it first', mistaken: false };
    await press('r');
    expect(ui.toast).toMatchObject({ text: 'it is paused - resume it first', tone: 'warn' });
  });

  test('while the controller starts, every action says that it has to wait', async () => {
    operator = undefined;
    await press('r', 'q', 'e');
    expect(said).toEqual([
      'not yet: the controller is still starting',
      'still starting; quitting works as soon as it has',
      'not yet: the controller is still starting',
    ]);
  });
});

describe('moving about', () => {
  test('arrows, j and k, pages and both ends', async () => {
    const seen: (string | undefined)[] = [];
    for (const key of ['down', 'j', 'up', 'G', 'k', 'g', 'pagedown', 'ctrl+u', 'end', 'home']) {
      await press(key);
      seen.push(chosen());
    }
    expect(seen).toEqual(['b', 'c', 'b', 'g', 'f', 'a', 'g', 'a', 'g', 'a']);
  });

  test('esc goes one step back: out of help, an entry and a filter, and never quits', async () => {
    await press('/', 'l', 'i', 's', 't', 'enter', 'enter', '?');
    expect(ui.trail.map((place) => place.screen)).toEqual(['entries', 'entry', 'help']);
    await press('esc', 'esc');
    expect(screen()).toBe('entries');
    expect(listOf(ui, 'entries').filter).toBe('list');
    await press('esc', 'esc');
    expect(listOf(ui, 'entries').filter).toBe('');
    expect(said.at(-1)).toBe('this is the first screen; q quits');
    expect(quits).toEqual([]);
  });

  test('esc while a filter is typed brings the one before back', async () => {
    await press('/', 'a', 'enter', '/', 'b', 'backspace', 'backspace', 'z', 'esc');
    expect(listOf(ui, 'entries').filter).toBe('a');
  });

  test('digits go to the screens, ? to the help and back', async () => {
    const seen: string[] = [];
    for (const key of ['2', '3', '4', '5', '1', '?', '?']) {
      await press(key);
      seen.push(screen());
    }
    expect(seen).toEqual(['queues', 'runs', 'dead', 'log', 'entries', 'help', 'entries']);
  });

  test('in an open entry the arrows lead to its neighbours', async () => {
    await press('enter', 'down', 'j', 'k');
    expect(placeOf(ui)).toEqual({ screen: 'entry', entry: 'b' });
    await press('k', 'k');
    expect(said.at(-1)).toBe('there is no other entry in that direction');
  });

  test('s goes through the orders, S turns one around, the chosen entry stays chosen', async () => {
    await press('down', 's');
    expect(said.at(-1)).toBe('sorted by state');
    expect(chosen()).toBe('b');
    await press('S');
    expect(said.at(-1)).toBe('sorted by state, the other way around');
    await press('s', 's', 's', 's');
    expect(said.at(-1)).toBe('sorted by file');
  });

  test('the palette finds commands by name and does them', async () => {
    await press(':', 'q', 'u', 'e', 'u', 'e', 's', 'enter');
    expect(screen()).toBe('queues');
    await press(':', 'n', 'o', 's', 'u', 'c', 'h', 'enter');
    expect(said.at(-1)).toBe('no command has that in its name');
    await press('1', ':', 'down', 'enter');
    expect(commands).toEqual([{ type: 'run', id: '1a2d7ebf82' }]);
  });

  test('the log follows until somebody moves, and again from its end on', async () => {
    await press('5');
    expect(chosen()).toBeUndefined();
    await press('up');
    const [stopped] = [chosen()];
    expect(stopped).toBeDefined();
    await press('G');
    expect(chosen()).toBeUndefined();
    await press('w', 'f');
    expect(ui).toMatchObject({ wrap: true, full: true });
    await press('esc');
    expect(ui).toMatchObject({ full: false });
    expect(screen()).toBe('log');
  });

  test('a run in the history leads to its entry', async () => {
    await press('3', 'down', 'enter');
    expect(placeOf(ui)).toEqual({ screen: 'entry', entry: 'b' });
  });
});

describe('a key that does nothing says why', () => {
  test.each([
    [['z'], 'z does nothing; ? lists the keys'],
    [['3', '+'], '+ does nothing here, but in: entries and one entry'],
    [['2', 'r'], 'r does nothing here, but in: entries and one entry'],
    [['2', 's'], 'queues has one order only'],
    [['enter', '/'], 'there is nothing to filter in one entry'],
    [['?', 'y'], 'there is no line to copy here'],
  ])('%j', async (keys, text) => {
    await press(...keys);
    expect(said.at(-1)).toBe(text);
  });

  test('every key of the table, on every screen, either changes something or answers', async () => {
    for (const { id } of screens) {
      for (const name of new Set(keymap.flatMap(({ keys }) => keys.flatMap((binding) => binding.keys)))) {
        ui = { ...startUi(id), trail: [{ screen: 'entries' }, { screen: id, entry: 'a' }] };
        const before = ui;
        const counts = commands.length + quits.length + edited.length;
        await press(name);
        expect(
          ui !== before || commands.length + quits.length + edited.length > counts,
          `${name} on ${id}`,
        ).toBe(true);
      }
    }
  });
});

describe('pasted text', () => {
  test('does nothing while no text is asked for', () => {
    handlePaste('qqq', controls);
    expect(quits).toEqual([]);
    expect(said.at(-1)).toContain('pasted text does nothing here');
  });

  test('goes into a filter, without what is no text', async () => {
    await press('/');
    handlePaste('lis\u001Bt\r\n', controls);
    expect(listOf(ui, 'entries').filter).toBe('list');
  });
});

function previewOf(text: string): CommandPreview {
  return { refusal: null, changes: ['some'], costs: [{ label: 'list "1a2d7ebf82"', text }] };
}

function screen(): string {
  return placeOf(ui).screen;
}

function chosen(): string | undefined {
  return listOf(ui, screen()).row;
}
