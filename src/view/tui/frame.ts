import { keymap, listIn } from './keys/keymap.ts';
import type { Model, Size } from './model.ts';
import { bannerLines } from './parts/banners.ts';
import { footerLine } from './parts/footer.ts';
import { countSpans, headerLine } from './parts/header.ts';
import { messageHeight, messageLines } from './parts/message.ts';
import { paletteLines } from './parts/palette.ts';
import { screenOf } from './screens/registry.ts';
import { blank, cutLine, joined, type Line, say } from './text/line.ts';
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
  return [
    ...fitted([headerLine(model, columns), rule], layout.header),
    ...fitted(bannerLines(model, layout.banners), layout.banners),
    ...fitted(body, layout.body),
    ...fitted(endMarked(messageLines(model, list), layout.message, glyphs.more), layout.message),
    ...fitted([footerLine(model, columns)], 1),
  ];
}

/** The first lines, with a mark where there are more. */
function endMarked(lines: readonly Line[], height: number, mark: string): readonly Line[] {
  const last = lines[height - 1];
  if (lines.length <= height || !last) return lines;
  return [...lines.slice(0, height - 1), joined(last, say(` ${mark}`))];
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
  const isRoomy = rows >= 14;
  const header = rows < 16 ? 1 : 2;
  // The footer and a line of the body stay, whatever is said.
  const message = Math.min(messageHeight(model, isRoomy), rows - header - 2);
  const most = Math.min(Math.floor(rows / 4), rows - header - message - 2);
  const banners = bannerLines(model, most).length;
  return { header, banners, body: rows - header - banners - message - 1, message };
}

function tooSmall(model: Model): Line {
  const { columns, rows } = leastSize;
  return [
    { text: ' ', tone: 'plain' },
    ...countSpans(model, 40),
    { text: `  needs ${columns}x${rows}`, tone: 'plain' },
  ];
}
