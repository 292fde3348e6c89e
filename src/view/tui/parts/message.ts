import { count } from '../../format.ts';
import type { ListView } from '../keys/global-keys.ts';
import type { Model } from '../model.ts';
import { blank, type Line, say, type Tone } from '../text/line.ts';
import { listOf, placeOf } from '../ui.ts';

const tones: Readonly<Record<'ok' | 'warn' | 'plain', Tone>> = { ok: 'ok', warn: 'warn', plain: 'plain' };

/** What was answered, asked or is being typed: the line above the footer. */
export function messageLine(model: Model, list: ListView): Line {
  const { ui, now, glyphs, data } = model;
  const { mode, toast } = ui;
  const { screen } = placeOf(ui);
  const { filter } = listOf(ui, screen);
  const found = `${count(list.rows.length)} found`;
  if (mode.type === 'ask') {
    const cost = mode.cost ?? 'asking what that costs ...';
    return [
      { text: ` ${mode.question} `, tone: 'strong' },
      { text: ` ${cost}`, tone: 'warn' },
    ];
  }
  if (mode.type === 'filter')
    return [
      { text: ' /', tone: 'key' },
      { text: `${filter}${glyphs.cursor}`, tone: 'plain' },
      { text: `  ${found}`, tone: 'dim' },
    ];
  if (mode.type === 'palette')
    return [
      { text: ' :', tone: 'key' },
      { text: `${mode.text}${glyphs.cursor}`, tone: 'plain' },
    ];
  if (toast && toast.until > now) return say(` ${toast.text}`, tones[toast.tone]);
  if (filter !== '') return say(` only what has "${filter}" in it: ${found}; esc shows all`, 'dim');
  if (screen === 'log' && listOf(ui, 'log').row !== undefined)
    return say(
      ` standing at line ${count(list.at + 1)} of ${count(data.log.length)}; G follows the newest again`,
      'dim',
    );
  return blank;
}

/** Whether there is something that must be seen even where there is no room for a line of its own. */
export function hasMessage({ ui, now }: Model): boolean {
  return ui.mode.type !== 'browse' || (ui.toast !== undefined && ui.toast.until > now);
}
