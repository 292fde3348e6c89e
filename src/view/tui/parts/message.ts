import { count } from '../../format.ts';
import type { ListView } from '../keys/global-keys.ts';
import type { Model, Toast } from '../model.ts';
import { blank, type Line, say, type Tone } from '../text/line.ts';
import { wrapLine } from '../text/wrap.ts';
import { listOf, placeOf } from '../ui.ts';

const tones: Readonly<Record<Toast['tone'], Tone>> = { ok: 'ok', warn: 'warn', plain: 'plain' };

/** What was answered, asked or is being typed: the lines above the footer. What must be read whole is wrapped. */
export function messageLines(model: Model, list: ListView): readonly Line[] {
  const spoken = spokenLines(model);
  return spoken.length > 0 ? spoken : [quietLine(model, list)];
}

/**
 * How many lines the message takes: as many as a question or an answer needs, one for what is typed, and where there is
 * room one that says what is special about the list.
 */
export function messageHeight(model: Model, isRoomy: boolean): number {
  const { mode } = model.ui;
  const isTyping = mode.type === 'filter' || mode.type === 'palette';
  return Math.max(spokenLines(model).length, isTyping || isRoomy ? 1 : 0);
}

/** A question, or the answer to a key as long as it stays. */
function spokenLines({ ui, now, size }: Model): readonly Line[] {
  const { mode, toast } = ui;
  if (mode.type === 'ask') {
    const question: Line = [
      { text: `${mode.question}  `, tone: 'strong' },
      { text: mode.cost ?? 'asking what that costs ...', tone: 'warn' },
    ];
    return wrapLine(question, size.columns, 1);
  }
  if (mode.type !== 'browse' || !toast || toast.until <= now) return [];
  return wrapLine(say(toast.text, tones[toast.tone]), size.columns, 1);
}

function quietLine({ ui, glyphs, data }: Model, list: ListView): Line {
  const { mode } = ui;
  const { screen } = placeOf(ui);
  const { filter, row } = listOf(ui, screen);
  const found = `${count(list.rows.length)} found`;
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
  if (filter !== '') return say(` only what has "${filter}" in it: ${found}; esc shows all`, 'dim');
  if ((screen === 'help' || screen === 'letter') && list.at < list.rows.length - 1)
    return say(' more below: down, PgDn', 'dim');
  if (screen === 'log' && row !== undefined)
    return say(
      ` standing at line ${count(list.at + 1)} of ${count(data.log.length)}; G follows the newest again`,
      'dim',
    );
  return blank;
}
