import { unattendedQueues } from '../../../model/queues.ts';
import { count, duration } from '../../format.ts';
import type { Model } from '../model.ts';
import { joined, type Line, say } from '../text/line.ts';
import { clockTime } from '../text/words.ts';
import { wrapLine } from '../text/wrap.ts';

/**
 * What somebody should know on whichever screen, the most urgent first, in `most` lines at most. Each has a line before
 * one of them is wrapped. Text first, colour second.
 */
export function bannerLines(model: Model, most: number): readonly Line[] {
  const { columns } = model.size;
  const shown = banners(model).slice(0, most);
  let spare = most - shown.length;
  return shown.flatMap((banner) => {
    const wrapped = wrapLine(banner, columns - 3);
    const lines = wrapped.length - 1 > spare ? [banner] : wrapped;
    spare -= lines.length - 1;
    return lines.map((line, at) => joined(at === 0 ? say(' ! ', banner[0]?.tone) : say('   '), line));
  });
}

function banners({ data, now }: Model): readonly Line[] {
  const { quit, problem, down, full, stopped } = data.facts;
  const lines: Line[] = [];
  if (stopped) lines.push(say('stopped: closing', 'warn'));
  else if (quit) lines.push(say(quitting(quit, now), 'warn'));
  if (problem) {
    const kept =
      problem.kept === undefined ? '' : `; the file of ${clockTime(Date.parse(problem.kept))} stays in force`;
    lines.push(say(`${problem.text}${kept}`, 'bad'));
  }
  if (down) {
    const wait = Math.max(0, Math.ceil((down.retryAt - now) / 1000));
    const again = wait === 0 ? 'trying again now' : `trying again in ${wait} s`;
    const text = `${down.queue} is down since ${clockTime(down.since)} (${down.reason.replace(`${down.queue} `, '')}), ${again}; reading has stopped, nothing is lost`;
    lines.push(say(text, 'bad'));
  }
  for (const { queue, reason, workers } of down ? [] : full) {
    const who = workers === 0 ? 'no workers take them' : `${count(workers)} at work`;
    lines.push(say(`${queue} is full: ${reason}, ${who}; reading waits until there is room`, 'warn'));
  }
  const idle =
    down || full.length > 0
      ? []
      : (data.queues ?? []).filter(
          ({ name, workers, waiting }) => workers === 0 && waiting > 0 && !unattendedQueues.has(name),
        );
  const [first] = idle;
  if (first) {
    const more = idle.length > 1 ? ` and ${idle.length - 1} more queues` : '';
    lines.push(
      say(
        `no workers on ${first.name}${more}: ${count(first.waiting)} jobs wait and nobody takes them`,
        'warn',
      ),
    );
  }
  return lines;
}

function quitting({ running, until }: NonNullable<Model['data']['facts']['quit']>, now: number): string {
  if (running === 0) return 'quitting: saving and closing (q again: stop now)';
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  const runs = running === 1 ? '1 run is' : `${running} runs are`;
  return left === 0
    ? `quitting: ${runs} being cut off`
    : `quitting: ${runs} draining, at most ${duration(left)} more (q again: stop now)`;
}
