import { count } from '../../format.ts';
import type { Model } from '../model.ts';
import { stateOf } from '../row-state.ts';
import { cells, cut } from '../text/cells.ts';
import { fit, type Part } from '../text/fit.ts';
import type { Line, Span, Tone } from '../text/line.ts';
import { clockTime, countdown } from '../text/words.ts';

/** The first line: is the file in order, is the queue, and how are the entries. Name and counts never go. */
export function headerLine(model: Model, width: number): Line {
  const { data } = model;
  const path = data.facts.controller?.state ?? '';
  const name: Part = { spans: [{ text: ' sluice', tone: 'strong' }], drop: 0 };
  const file = fileParts(model);
  const queue = queueParts(model);
  const parts: Part[] = [
    name,
    { spans: path === '' ? [] : [{ text: shortPath(path, 40), tone: 'plain' }], drop: 5 },
    ...file,
    ...queue,
    { spans: countSpans(model, width), drop: 0, side: 'right' },
  ];
  return fit(parts, width - 1, width < 60 ? 1 : 3);
}

/** How many entries are in which state: running, in step, late, failed; others only when there are some. */
export function countSpans({ data, glyphs }: Model, width: number): Line {
  const of = (...states: readonly string[]): number =>
    data.entries.filter((row) => states.includes(stateOf(row))).length;
  const late = of('late');
  const failed = of('failed', 'invalid');
  const paused = of('paused');
  const due = of('due');
  const groups: readonly (readonly [string, number, Tone])[] = [
    [glyphs.running, of('load', 'sync'), 'running'],
    [glyphs.ok, of('ok'), 'ok'],
    [glyphs.late, late, late > 0 ? 'warn' : 'dim'],
    [glyphs.failed, failed, failed > 0 ? 'bad' : 'dim'],
    ...(due > 0 ? [[glyphs.due, due, 'plain'] as const] : []),
    ...(paused > 0 ? [[glyphs.paused, paused, 'dim'] as const] : []),
  ];
  const isNarrow = width < 80;
  return groups.flatMap(([glyph, number, tone], at): readonly Span[] => [
    { text: at === 0 ? '' : isNarrow ? ' ' : '   ', tone: 'plain' },
    { text: `${glyph}${isNarrow ? '' : ' '}${count(number)}`, tone: number > 0 ? tone : 'dim' },
  ]);
}

function fileParts({ data, now, glyphs }: Model): readonly Part[] {
  const { check, problem, reports } = data.facts;
  if (problem) return [{ spans: [{ text: `${glyphs.failed} file`, tone: 'bad' }], drop: 1 }];
  if (!check) return [{ spans: [{ text: reports ? 'checked' : 'starting', tone: 'dim' }], drop: 3 }];
  return [
    {
      spans: [
        { text: glyphs.ok, tone: 'ok' },
        { text: ` checked ${clockTime(check.at)}`, tone: 'plain' },
      ],
      drop: 2,
    },
    { spans: [{ text: `again ${countdown(check.next - now)}`, tone: 'dim' }], drop: 3 },
  ];
}

function queueParts({ data, glyphs }: Model): readonly Part[] {
  const { controller, down, full } = data.facts;
  if (!controller) return [];
  const name = `queue ${shortQueue(controller.queue)}`;
  const side = 'right' as const;
  if (down) return [{ spans: [{ text: `${name} ${glyphs.failed} down`, tone: 'bad' }], drop: 1, side }];
  const state: Span =
    full.length > 0
      ? { text: `${glyphs.late} full`, tone: 'warn' }
      : { text: data.ready ? glyphs.ok : glyphs.none, tone: 'ok' };
  const workers = data.queues?.reduce((sum, queue) => sum + queue.workers, 0);
  const who: Span[] =
    workers === undefined
      ? []
      : [
          {
            text: workers === 0 ? 'no workers' : `${count(workers)} worker${workers === 1 ? '' : 's'}`,
            tone: 'dim',
          },
        ];
  return [
    { spans: [{ text: `${name} `, tone: 'plain' }, state], drop: 4, side },
    { spans: who, drop: 6, side },
  ];
}

/** `redis://10.0.0.5:6379` as `redis`, `embedded:` as `embedded`. */
function shortQueue(name: string): string {
  return /^[a-z]+(?=:)/.exec(name)?.[0] ?? cut(name, 20, '~');
}

/** The end of a path says more than its beginning. */
function shortPath(path: string, most: number): string {
  return cells(path) <= most ? path : `...${path.slice(-(most - 3))}`;
}
