import { commandsNow } from '../keys/keymap.ts';
import { shortKey } from '../keys/key-name.ts';
import type { Model } from '../model.ts';
import { blank, joined, type Line, padLine, say } from '../text/line.ts';
import { topFor } from '../ui.ts';

/** The list of commands, the chosen one marked. */
export function paletteLines(model: Model, height: number): readonly Line[] {
  const { mode } = model.ui;
  const { glyphs } = model;
  const commands = commandsNow(model);
  if (mode.type !== 'palette') return [];
  if (commands.length === 0) return [blank, say('   no command has that in its name', 'dim')];
  const chosen = Math.min(mode.at, commands.length - 1);
  const top = topFor(0, chosen, commands.length, height);
  return commands.slice(top, top + height).map(({ keys, help }, at): Line => {
    const isChosen = top + at === chosen;
    const name = shortKey(keys[0] ?? '', glyphs.enter);
    const lead = say(isChosen ? ` ${glyphs.pointer} ` : '   ', 'running');
    return joined(lead, padLine(say(name, 'key'), 8, ''), say(help, isChosen ? 'strong' : 'plain'));
  });
}
