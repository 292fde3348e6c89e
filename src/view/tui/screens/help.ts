import { shortKey } from '../keys/key-name.ts';
import type { Model } from '../model.ts';
import { joined, type Line, padLine, say } from '../text/line.ts';
import { looks, stateSpan } from '../text/states.ts';
import type { EntryState } from '../text/states.ts';
import { wrapLine } from '../text/wrap.ts';
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
  const half = Math.floor(width / 2);
  const isWide = width >= 150;
  // Between two columns stays a gap.
  const room = isWide ? half - 2 : width;
  const legend: Line[] = [
    say(' what the signs mean', 'strong'),
    ...states.flatMap((state) => meaningLines([stateSpan(state, glyphs)], looks[state].means, room)),
  ];
  const blocks = groups.map((group) => groupLines(group, glyphs.enter, room));
  return isWide ? pour([...blocks, legend], half, glyphs.more) : [...blocks.flat(), ...legend];
}

function groupLines({ title, keys }: HelpGroup, enter: string, width: number): readonly Line[] {
  return [
    say(` ${title}`, 'strong'),
    ...keys.flatMap((binding) => {
      const names = binding.keys.map((key) => shortKey(key, enter)).join(' ');
      return meaningLines(say(names, 'key'), binding.help, width);
    }),
    [],
  ];
}

const signColumns = 13;

/** A sign and what it means, in as many lines as that takes. */
function meaningLines(sign: Line, means: string, width: number): readonly Line[] {
  const indent = 3 + signColumns;
  return wrapLine(say(means), width - indent).map((line, at) =>
    joined(say('   '), padLine(at === 0 ? sign : [], signColumns, ''), line),
  );
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
