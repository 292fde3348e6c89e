import { keymap, listIn } from './keys/keymap.ts';
import type { Model, Size } from './model.ts';
import { bannerLines } from './parts/banners.ts';
import { footerLine } from './parts/footer.ts';
import { countSpans, headerLine } from './parts/header.ts';
import { hasMessage, messageLine } from './parts/message.ts';
import { paletteLines } from './parts/palette.ts';
import { screenOf } from './screens/registry.ts';
import { blank, cutLine, type Line, say } from './text/line.ts';
import { placeOf } from './ui.ts';

/** The smallest screen that is drawn. */
const leastSize: Size = { columns: 40, rows: 10 };

/** Everything on the screen: exactly `size.rows` lines of at most `size.columns` cells. Pure: same model, same lines. */
export function frameOf(model: Model): readonly Line[] {
  const { size, ui, glyphs } = model;
  const { columns, rows } = size;
  const fitted = (lines: readonly Line[], height: number): Line[] =>
    Array.from({ length: height }, (_, at) => cutLine(lines[at] ?? blank, columns, glyphs.more));
  if (columns < leastSize.columns || rows < leastSize.rows) return fitted([tooSmall(model)], rows);
  const layout = layoutOf(model);
  const screen = screenOf(placeOf(ui).screen);
  const list = listIn(model, layout.body);
  const body =
    ui.mode.type === 'palette'
      ? paletteLines(model, layout.body)
      : screen.body(model, columns, layout.body, keymap);
  const rule = say(glyphs.rule.repeat(columns), 'dim');
  const message = messageLine(model, list);
  const last = layout.message === 0 && hasMessage(model) ? message : footerLine(model, columns);
  return [
    ...fitted([headerLine(model, columns), rule], layout.header),
    ...fitted(bannerLines(model), layout.banners),
    ...fitted(body, layout.body),
    ...fitted([message], layout.message),
    ...fitted([last], 1),
  ];
}

/** How many rows each part has. */
export interface Layout {
  readonly header: number;
  readonly banners: number;
  readonly body: number;
  readonly message: number;
}

export function layoutOf(model: Model): Layout {
  const { size, ui } = model;
  const { rows } = size;
  if (ui.full && placeOf(ui).screen === 'log') return { header: 0, banners: 0, body: rows - 1, message: 0 };
  const header = rows < 16 ? 1 : 2;
  const banners = Math.min(bannerLines(model).length, rows < 16 ? 1 : 4);
  const message = rows < 14 ? 0 : 1;
  return { header, banners, body: Math.max(1, rows - header - banners - message - 1), message };
}

function tooSmall(model: Model): Line {
  const { columns, rows } = leastSize;
  return [
    { text: ' ', tone: 'plain' },
    ...countSpans(model, 40),
    { text: `  needs ${columns}x${rows}`, tone: 'plain' },
  ];
}
