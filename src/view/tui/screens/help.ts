import { shortKey } from '../keys/key-name.ts';
import { type Line, padLine, say, type Span } from '../text/line.ts';
import { looks, stateSpan } from '../text/states.ts';
import type { EntryState } from '../text/states.ts';
import { listOf } from '../ui.ts';
import type { HelpGroup, ScreenPart } from './contract.ts';

const states: readonly EntryState[] = ['load', 'sync', 'ok', 'due', 'late', 'failed', 'paused', 'invalid'];

/** Every key there is, and what the signs mean. */
export const help: ScreenPart = {
  id: 'help',
  title: 'help',
  keys: [],
  rows: () => Array.from({ length: 200 }, (_, at) => String(at)),
  view: (_model, height) => height,
  copy: () => undefined,
  body({ ui, glyphs }, width, height, groups) {
    const legend: Line[] = [
      say(' what the signs mean', 'strong'),
      ...states.map((state): Line => [
        { text: '   ', tone: 'plain' },
        ...padLine([stateSpan(state, glyphs)], 13, glyphs.more),
        { text: looks[state].means, tone: 'plain' },
      ]),
    ];
    const isWide = width >= 150;
    const half = Math.floor(width / 2);
    const lines = isWide
      ? pour([...groups.map((group) => groupLines(group, glyphs.enter)), legend], half, glyphs.more)
      : [...groups.flatMap((group) => groupLines(group, glyphs.enter)), ...legend];
    const { at } = listOf(ui, 'help');
    const top = Math.max(0, Math.min(at, lines.length - height));
    return lines.slice(top, top + height);
  },
};

function groupLines({ title, keys }: HelpGroup, enter: string): readonly Line[] {
  return [
    say(` ${title}`, 'strong'),
    ...keys.map((binding): Line => {
      const names: Span = { text: binding.keys.map((key) => shortKey(key, enter)).join(' '), tone: 'key' };
      return [{ text: '   ', tone: 'plain' }, ...padLine([names], 13, ''), { text: binding.help, tone: 'plain' }];
    }),
    [],
  ];
}

/** Blocks of lines in two columns of about the same height. */
function pour(blocks: readonly (readonly Line[])[], half: number, mark: string): Line[] {
  const total = blocks.reduce((sum, block) => sum + block.length, 0);
  const left: Line[] = [];
  const right: Line[] = [];
  for (const block of blocks) (left.length + block.length / 2 < total / 2 ? left : right).push(...block);
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) => [
    ...padLine(left[row] ?? [], half, mark),
    ...(right[row] ?? []),
  ]);
}
