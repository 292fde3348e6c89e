import { shortKey } from '../keys/key-name.ts';
import type { Model } from '../model.ts';
import { joined, type Line, padLine, say } from '../text/line.ts';
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
  // A row is a place to which it can be scrolled.
  rows(model, groups) {
    const lines = helpLines(model, model.size.columns, groups);
    const places = Math.max(1, lines.length - bodyRows(model.size.rows) + 1);
    return Array.from({ length: places }, (_, at) => String(at));
  },
  view: () => 1,
  copy: () => undefined,
  body(model, width, height, groups) {
    const lines = helpLines(model, width, groups);
    const top = Math.max(0, Math.min(listOf(model.ui, 'help').at, lines.length - height));
    return lines.slice(top, top + height);
  },
};

/** Header, message and footer take the rest; one place too many to scroll to does no harm. */
function bodyRows(rows: number): number {
  return Math.max(1, rows - 4);
}

function helpLines({ glyphs }: Model, width: number, groups: readonly HelpGroup[]): readonly Line[] {
  const legend: Line[] = [
    say(' what the signs mean', 'strong'),
    ...states.map((state) => helpLine([stateSpan(state, glyphs)], looks[state].means)),
  ];
  const blocks = groups.map((group) => groupLines(group, glyphs.enter));
  return width >= 150
    ? pour([...blocks, legend], Math.floor(width / 2), glyphs.more)
    : [...blocks.flat(), ...legend];
}

function groupLines({ title, keys }: HelpGroup, enter: string): readonly Line[] {
  return [
    say(` ${title}`, 'strong'),
    ...keys.map((binding) => {
      const names = binding.keys.map((key) => shortKey(key, enter)).join(' ');
      return helpLine(say(names, 'key'), binding.help);
    }),
    [],
  ];
}

function helpLine(sign: Line, means: string): Line {
  return joined(say('   '), padLine(sign, 13, ''), say(means));
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
