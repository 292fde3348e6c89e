import { beforeEach, describe, expect, test } from 'vitest';
import type { CommandPreview, PersonCommand } from '../../../src/model/commands.ts';
import type { Operator } from '../../../src/model/operator.ts';
import { createControls } from '../../../src/view/tui/controls.ts';
import { shownEntries } from '../../../src/view/tui/entry-choice.ts';
import { frameOf } from '../../../src/view/tui/frame.ts';
import type { Model, Ui } from '../../../src/view/tui/model.ts';
import { plainText } from '../../../src/view/tui/text/line.ts';
import { placeOf, startUi } from '../../../src/view/tui/ui.ts';
import { createLetterBook } from './letter-book.ts';
import { modelOf, report } from './scene.ts';
import { sisuScene } from './sisu-scene.ts';
import { noTerminal, pressKeys } from './press.ts';

// An entry that stands for many services: `[{ "service": "sisu" }]`.

const scene = sisuScene();
const attention = ['PERSON', 'ORGANISATION', 'COURSE_UNIT', 'EDUCATION', 'DISCLOSURE'];
let ui: Ui;
let rows: number;
let commands: PersonCommand[];
let said: string[];
let preview: CommandPreview;

beforeEach(() => {
  ui = startUi('entries');
  rows = 24;
  commands = [];
  said = [];
  preview = { refusal: null, changes: [], costs: [] };
});

const operator: Operator = {
  statePath: 'state/state.json',
  command(command) {
    commands.push(command);
    return Promise.resolve({ done: true, message: 'done so' });
  },
  preview: () => Promise.resolve(preview),
  generations: () => Promise.resolve([]),
  queues: () => Promise.resolve([]),
  history: () => [],
  letters: createLetterBook(),
  quit: () => {},
};

const model = (): Model => ({ ...modelOf(scene, 80, rows), ui });

const controls = createControls({
  model,
  setUi(next) {
    if (next.toast && next.toast !== ui.toast) said.push(next.toast.text);
    ui = next;
  },
  operator: () => operator,
  idOf: (key) => scene.store.idOf(key),
  ...noTerminal,
});

const press = async (...names: readonly string[]): Promise<void> => await pressKeys(controls, names);

function shown(): string[] {
  return shownEntries(model()).map((row) => row.report.id);
}

function frame(): string {
  return frameOf(model())
    .map((line) => plainText(line))
    .join('\n');
}

describe('the list', () => {
  test('has a row that sums the services up, and those of them that run or need a look', () => {
    expect(shown()).toEqual(['sisu', ...attention]);
    expect(frame()).toContain('[+] sisu');
    expect(frame()).toContain('✗ failed   1 failed, 3 dead letters, 4 run, 12 wait, ');
  });

  test('has all of them where there is room for all', () => {
    rows = 40;
    expect(shown()).toHaveLength(27);
    expect(frame()).toContain('[-] sisu');
  });

  test('unfolds and folds by enter, whatever room there is', async () => {
    await press('enter');
    expect(shown()).toHaveLength(27);
    await press('enter');
    expect(shown()).toEqual(['sisu', ...attention]);
    rows = 40;
    expect(shown()).toEqual(['sisu', ...attention]);
    expect(placeOf(ui).screen).toBe('entries');
  });

  test('folds nothing away from under the cursor', async () => {
    await press('enter', '/', 'S', 'T', 'U', 'D', 'Y', '_', 'E', 'V', 'enter', 'g', 'esc');
    expect(shown()).toHaveLength(27);
    ui = { ...ui, folds: { g: false } };
    expect(shown()).toEqual(['sisu', ...attention.toSpliced(4, 0, 'STUDY_EVENT')]);
    await press('r');
    expect(commands).toEqual([{ type: 'run', id: 'STUDY_EVENT' }]);
  });

  test('finds by a filter what is folded away, and the group by its name', async () => {
    await press('/', 'u', 'r', 'n', '_', 'e', 'd', 'u', 'enter');
    expect(shown()).toEqual([]);
    await press('esc', '/', 'e', 'd', 'u', 'c', 'a', 't', 'i', 'o', 'n', 'enter');
    expect(shown()).toEqual(['EDUCATION', 'EDUCATION_TYPE', 'EDUCATION_CLASSIFICATION']);
    await press('esc', '/', 's', 'i', 's', 'u', 'enter');
    expect(shown()).toHaveLength(27);
  });

  test('is sorted with the group in one piece', async () => {
    const others = [report('z', { id: 'zebra', state: 'late' }), report('a', { id: 'alpha' })];
    const mixed = modelOf(sisuScene(others), 80, 24, { lists: {} });
    const ids = (order: number): string[] =>
      shownEntries({
        ...mixed,
        ui: {
          ...mixed.ui,
          lists: { entries: { row: undefined, at: 0, top: 0, filter: '', order, reversed: false } },
        },
      }).map((row) => row.report.id);
    expect(ids(0)).toEqual(['sisu', ...attention, 'zebra', 'alpha']);
    // By state: what failed, what is late, what is in step.
    expect(ids(1)).toEqual([
      'sisu',
      'DISCLOSURE',
      ...attention.filter((id) => id !== 'DISCLOSURE'),
      'zebra',
      'alpha',
    ]);
    expect(ids(2)).toEqual(['alpha', 'zebra', 'sisu', ...attention.toSorted()]);
  });

  test('twin: rows without an owner are no group', () => {
    const { data } = model();
    const entries = data.entries.map((row) => ({ ...row, report: { ...row.report, owner: null } }));
    expect(shownEntries({ ...model(), data: { ...data, entries } })).toHaveLength(26);
  });
});

const set = (count: number): PersonCommand => ({
  type: 'set',
  id: 'sisu',
  fields: { worker_count: count },
});

describe('a key on the row of the group', () => {
  test('is for all of it, by the name that commands take', async () => {
    await press('p', 'r', '+', '+', '-');
    expect(commands).toEqual([
      { type: 'pause', ids: ['sisu'] },
      { type: 'run', id: 'sisu' },
      set(3),
      set(4),
      set(3),
    ]);
  });

  test('asks before it cancels all runs or resets all services', async () => {
    const text = '4 runs end and all 26 services are paused';
    preview = { refusal: null, changes: [], costs: [{ label: 'service "sisu"', text }] };
    await press('x');
    expect(ui.mode).toMatchObject({ type: 'ask', question: 'Cancel all runs of sisu?', cost: text });
    await press('y');
    preview = {
      refusal: null,
      changes: ['some'],
      costs: [{ label: 'service "PERSON"', text: 'reads everything behind ordinal 0' }],
    };
    await press('R');
    expect(ui.mode).toMatchObject({
      question: 'Reset sisu?',
      cost: 'service "PERSON": reads everything behind ordinal 0',
    });
    await press('y');
    expect(commands).toEqual([
      { type: 'cancel', id: 'sisu' },
      { type: 'reset', id: 'sisu' },
    ]);
  });
});

describe('a key on one of its services', () => {
  test('pauses and resumes that one alone', async () => {
    await press('down', 'p', 'enter', 'p');
    expect(commands).toEqual([
      { type: 'pause', ids: ['PERSON'] },
      { type: 'pause', ids: ['PERSON'] },
    ]);
    await press('esc', 'g', 'enter', '/', 'P', 'L', 'A', 'N', 'enter', 'p');
    expect(commands.at(-1)).toEqual({ type: 'resume', ids: ['PLAN'] });
  });

  test('cancels that one alone, after it told where it goes on', async () => {
    const text = 'it is paused; resumed, it reads on behind ordinal 9';
    preview = { refusal: null, changes: [], costs: [{ label: 'service "PERSON"', text }] };
    await press('down', 'x');
    expect(ui.mode).toMatchObject({ question: 'Cancel the run of PERSON?', cost: text });
    await press('y');
    expect(commands).toEqual([{ type: 'cancel', id: 'PERSON' }]);
  });

  test('counts workers for the whole group: what one asked for the next one goes on from', async () => {
    await press('down', '+', 'down', '+');
    const counts = commands.map((command) => (command.type === 'set' ? command.fields : {}));
    expect(counts).toEqual([{ worker_count: 3 }, { worker_count: 4 }]);
  });

  test('leads from one to the next, folded away or not, past the group', async () => {
    await press('down', 'enter', 'down', 'down', 'down', 'down');
    expect(placeOf(ui)).toEqual({ screen: 'entry', entry: 'g/STUDY_RIGHT' });
    await press('up', 'up', 'up', 'up', 'up');
    expect(placeOf(ui)).toEqual({ screen: 'entry', entry: 'g/PERSON' });
    expect(said.at(-1)).toBe('there is no other entry in that direction');
  });
});

describe('a question', () => {
  const cost = `the run that is on is cancelled, and the 7,200 records it has done are read again; ${'reads on '.repeat(20)}and ends here`;
  const asked = (columns: number, height: number): string =>
    frameOf({
      ...modelOf(scene, columns, height),
      ui: { ...ui, mode: { type: 'ask', question: 'Really?', cost, command: { type: 'reset', id: 'x' } } },
    })
      .map((line) => plainText(line).trim())
      .join(' ')
      .replaceAll(/\s+/g, ' ');

  test.each([40, 60, 80, 120])('is whole at %i columns, and so are the keys that answer it', (columns) => {
    const text = asked(columns, 24);
    expect(text).toContain(`Really? ${cost}`);
    expect(text).toMatch(/y yes n no$/);
  });

  test('that fills the smallest screen ends with a mark, and keeps its keys', () => {
    expect(asked(40, 10)).toMatch(/Really\? .*… y yes n no$/);
  });
});
