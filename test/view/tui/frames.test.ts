import { describe, expect, test } from 'vitest';
import { frameOf } from '../../../src/view/tui/frame.ts';
import type { Model, Ui } from '../../../src/view/tui/model.ts';
import { screens } from '../../../src/view/tui/screens/registry.ts';
import { cells } from '../../../src/view/tui/text/cells.ts';
import { asciiGlyphs } from '../../../src/view/tui/text/glyphs.ts';
import { plainText } from '../../../src/view/tui/text/line.ts';
import { busyScene, emptyScene, modelOf, type Scene, troubledScene } from './scene.ts';
import { besideScene, sisuScene } from './sisu-scene.ts';

/** Columns and rows as people have them. */
const sizes = [
  [40, 12],
  [60, 20],
  [80, 24],
  [120, 30],
  [200, 36],
] as const;

const longQuestion: Ui['mode'] = {
  type: 'ask',
  question: 'Reset list 1a2d7ebf82?',
  cost: 'the run that is on is cancelled, and the 7,200 records it has done are read again; reads about 41,200 records again',
  command: { type: 'reset', id: 'a' },
};

function draw(model: Model): string {
  return `${frameOf(model)
    .map((line) => plainText(line).trimEnd())
    .join('\n')}\n`;
}

describe.each(sizes)('at %i columns', (columns, rows) => {
  test.each(screens.map(({ id }) => id))('%s', async (screen) => {
    const place = screen === 'entry' ? { screen, entry: 'a' } : { screen };
    const frame = draw(modelOf(busyScene(), columns, rows, { trail: [place] }));
    await expect(frame).toMatchFileSnapshot(`frames/${screen}-${columns}.txt`);
  });

  test('everything that is wrong has a line, the most urgent first', async () => {
    await expect(draw(modelOf(troubledScene(), columns, rows))).toMatchFileSnapshot(
      `frames/troubled-${columns}.txt`,
    );
  });

  test('all services of SISU in one entry, folded where there is no room', async () => {
    await expect(draw(modelOf(sisuScene(), columns, rows))).toMatchFileSnapshot(`frames/sisu-${columns}.txt`);
  });

  test('a list beside them', async () => {
    await expect(draw(modelOf(besideScene(), columns, rows))).toMatchFileSnapshot(
      `frames/beside-${columns}.txt`,
    );
  });

  test('a question is whole', async () => {
    const frame = draw(modelOf(busyScene(), columns, rows, { mode: longQuestion }));
    await expect(frame).toMatchFileSnapshot(`frames/question-${columns}.txt`);
  });
});

describe('whatever is shown', () => {
  const scenes: readonly (readonly [string, () => Scene])[] = [
    ['busy', busyScene],
    ['troubled', troubledScene],
    ['nothing known yet', emptyScene],
    ['a group of services', sisuScene],
  ];
  const uis: readonly Partial<Ui>[] = [
    ...screens.map(({ id }) => ({ trail: [{ screen: id, entry: 'd' }] as const })),
    { trail: [{ screen: 'entry', entry: 'gone' }] },
    { trail: [{ screen: 'log' }], wrap: true, full: true },
    { mode: { type: 'palette', text: '', at: 3 } },
    { mode: { type: 'filter', before: '' } },
    { mode: { type: 'ask', question: 'Reset?', cost: undefined, command: { type: 'reset', id: 'a' } } },
  ];

  test.each(scenes)('%s: a frame fills its screen and never more', (_name, scene) => {
    const known = scene();
    for (const ui of uis) {
      for (const columns of [1, 20, 39, 40, 47, 60, 79, 80, 100, 120, 160, 200, 300]) {
        for (const rows of [1, 9, 10, 13, 16, 24, 60]) {
          const frame = frameOf(modelOf(known, columns, rows, ui));
          expect(frame.length).toBe(rows);
          for (const line of frame) expect(cells(plainText(line))).toBeLessThanOrEqual(columns);
        }
      }
    }
  });

  test('name, state and % are there at any width', () => {
    for (let columns = 40; columns <= 200; columns += 1) {
      const row = draw(modelOf(busyScene(), columns, 24))
        .split('\n')
        .find((line) => line.includes('1a2d7ebf82'));
      expect(row).toMatch(/1a2d7ebf82 +▶ load .*\d+ %/);
    }
  });

  test('below 40 x 10 there is one line with the counts and the size it needs', () => {
    expect(draw(modelOf(busyScene(), 39, 24)).trim()).toBe('▶2 ✓1 !1 ✗2 ‖1  needs 40x10');
    expect(draw(modelOf(busyScene(), 120, 9)).trim()).toBe('▶2 ✓1 !1 ✗2 ‖1  needs 40x10');
  });

  test('with ASCII signs a frame has nothing else, but for the names from outside', () => {
    for (const { id } of screens) {
      const model = {
        ...modelOf(busyScene(), 120, 30, { trail: [{ screen: id, entry: 'a' }] }),
        glyphs: asciiGlyphs,
      };
      expect(draw(model).replaceAll('日本語', '')).toMatch(/^[\n -~]*$/);
    }
  });
});

test('what goes first where there is no room: cursor, records, last run, counts, bar, next, ETA, rate', () => {
  const heads = [200, 120, 110, 100, 80, 70, 60, 48, 40].map((columns) => `${columns}: ${titlesAt(columns)}`);
  expect(heads).toMatchInlineSnapshot(`
    [
      "200: ENTRY  STATE  PROGRESS  RATE  ETA  LAST RUN  RECORDS  NEXT  CURSOR",
      "120: ENTRY  STATE  PROGRESS  RATE  ETA  LAST RUN  RECORDS  NEXT",
      "110: ENTRY  STATE  PROGRESS  RATE  ETA  LAST RUN  NEXT",
      "100: ENTRY  STATE  PROGRESS  RATE  ETA  NEXT",
      "80: ENTRY  STATE  PROGRESS  RATE  ETA  NEXT",
      "70: ENTRY  STATE  RATE  ETA  NEXT",
      "60: ENTRY  STATE  RATE  ETA",
      "48: ENTRY  STATE  RATE",
      "40: ENTRY  STATE",
    ]
  `);
});

function titlesAt(columns: number): string {
  const [, , head = ''] = draw(modelOf(busyScene(), columns, 24)).split('\n');
  return head.trim().replaceAll(/ {2,}/g, '  ');
}
