import { beforeEach, describe, expect, test } from 'vitest';
import type { Operator } from '../../../src/model/operator.ts';
import { createControls } from '../../../src/view/tui/controls.ts';
import { frameOf } from '../../../src/view/tui/frame.ts';
import type { Model, Ui } from '../../../src/view/tui/model.ts';
import { cells } from '../../../src/view/tui/text/cells.ts';
import { plainText } from '../../../src/view/tui/text/line.ts';
import { placeOf, startUi, withList } from '../../../src/view/tui/ui.ts';
import { letterBookAt, type TestLetterBook } from './letter-book.ts';
import { busyScene, emptyScene, modelOf, start } from './scene.ts';
import { noTerminal, pressKeys } from './press.ts';

function draw(model: Model): string {
  return `${frameOf(model)
    .map((line) => plainText(line).trimEnd())
    .join('\n')}\n`;
}

describe.each([
  [60, 20],
  [80, 24],
  [120, 30],
  [160, 34],
] as const)('at %i columns', (columns, rows) => {
  test('the list of dead letters', async () => {
    const frame = draw(modelOf(busyScene(), columns, rows, { trail: [{ screen: 'dead' }] }));
    await expect(frame).toMatchFileSnapshot(`frames/letters-${columns}.txt`);
  });

  test('one dead letter, with what is in it', async () => {
    const trail = [{ screen: 'dead' }, { screen: 'letter', letter: 3 }] as const;
    const frame = frameOf(modelOf(busyScene(), columns, rows, { trail }));
    for (const line of frame) expect(cells(plainText(line))).toBeLessThanOrEqual(columns);
    await expect(draw(modelOf(busyScene(), columns, rows, { trail }))).toMatchFileSnapshot(
      `frames/letter-open-${columns}.txt`,
    );
  });
});

test('without any there is a word for it, and not before they were read', () => {
  const trail = [{ screen: 'dead' }] as const;
  const { store } = emptyScene();
  expect(draw(modelOf({ store, now: start }, 80, 20, { trail }))).toContain('not read yet');
  store.setReady();
  expect(draw(modelOf({ store, now: start }, 80, 20, { trail }))).toContain('no dead letters');
});

test('a letter that is gone while it is looked at says so', () => {
  const { store, now } = busyScene();
  store.setLetter(undefined);
  const trail = [{ screen: 'letter', letter: 3 }] as const;
  expect(draw(modelOf({ store, now }, 80, 20, { trail }))).toContain('this dead letter is gone');
});

test('the screen says when it does not list them all', () => {
  const { store, now } = busyScene();
  store.setLetters(new Map([['b', 12_000]]), letterBookAt(now).list({}));
  expect(draw(modelOf({ store, now }, 120, 20, { trail: [{ screen: 'dead' }] }))).toContain(
    '12,000 dead letters of 2 services; the newest 4 are listed, ./run.sh failed list has all',
  );
});

describe('keys', () => {
  const scene = busyScene();
  let ui: Ui;
  let said: string[];
  let book: TestLetterBook;
  beforeEach(() => {
    ui = { ...startUi('dead') };
    said = [];
    book = letterBookAt(start);
  });

  const controls = createControls({
    model: (): Model => ({ ...modelOf(scene, 120, 30), ui }),
    setUi(next) {
      if (next.toast && next.toast !== ui.toast) said.push(next.toast.text);
      ui = next;
    },
    operator: () => operatorOf(book),
    idOf: () => undefined,
    ...noTerminal,
  });

  const press = async (...names: readonly string[]): Promise<void> => await pressKeys(controls, names);

  test('t retries the chosen one and shows the answer', async () => {
    await press('down', 't');
    expect(book.commands).toEqual([{ type: 'retry', letters: [3] }]);
    expect(said).toEqual(['done so']);
  });

  test('t asks where newer data may be set back', async () => {
    book.plan = (ids) => ({ ids, refused: [], overtaken: 1 });
    await press('t');
    expect(book.commands).toEqual([]);
    expect(ui.mode).toMatchObject({ type: 'ask', question: 'Retry dead letter 4?' });
    await press();
    expect(ui.mode).toMatchObject({
      cost: '1 is older than what was published since: a consumer that compares no versions goes back',
    });
    await press('y');
    expect(book.commands).toEqual([{ type: 'retry', letters: [4] }]);
  });

  test('t says why one cannot be retried', async () => {
    book.plan = (ids) => ({ ids: [], refused: [{ id: ids[0] ?? 0, reason: 'it has no key' }], overtaken: 0 });
    await press('t');
    expect(book.commands).toEqual([]);
    expect(said).toEqual(['this cannot be retried: it has no key']);
  });

  test('T retries all that the filter shows, and no others', async () => {
    ui = withList(ui, 'dead', { filter: 'person' });
    await press('T', 'y');
    expect(book.commands).toEqual([{ type: 'retry', letters: [4, 3] }]);
  });

  test('x asks, and n leaves it', async () => {
    await press('x', 'n');
    expect(book.commands).toEqual([]);
    await press('x', 'y');
    expect(book.commands).toEqual([{ type: 'drop', letters: [4] }]);
  });

  test('enter opens it, the same keys are about it, esc goes back', async () => {
    await press('down', 'enter');
    expect(placeOf(ui)).toEqual({ screen: 'letter', letter: 3 });
    await press('t', 'x', 'y', 'esc');
    expect(book.commands).toEqual([
      { type: 'retry', letters: [3] },
      { type: 'drop', letters: [3] },
    ]);
    expect(placeOf(ui)).toEqual({ screen: 'dead' });
  });

  test('with nothing shown they say so', async () => {
    ui = withList(ui, 'dead', { filter: 'no such thing' });
    await press('t', 'T', 'x', 'enter');
    expect(book.commands).toEqual([]);
    expect(said).toEqual([
      'no dead letter is chosen',
      'no dead letter is shown',
      'no dead letter is chosen',
      'no dead letter is chosen',
    ]);
  });
});

function unasked(): Promise<never> {
  return Promise.reject(new Error('nobody asks that here'));
}

function operatorOf(letters: TestLetterBook): Operator {
  return {
    statePath: 'state.json',
    command: unasked,
    preview: unasked,
    generations: unasked,
    queues: unasked,
    history: () => [],
    letters,
    quit: () => {},
  };
}
