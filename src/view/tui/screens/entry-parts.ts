import { count, counted, duration } from '../../format.ts';
import type { RunTotals } from '../../../model/events.ts';
import type { RunRecord } from '../../../model/operator.ts';
import { limitedBy, limitName } from '../../../model/run-totals.ts';
import { formatTimestamp } from '../../../model/time.ts';
import type { EntryRow, Model } from '../model.ts';
import type { ReaderView, RunView } from '../state/live-run.ts';
import type { PageState } from '../state/page-map.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { fit } from '../text/fit.ts';
import { sparkline } from '../text/graphs.ts';
import { type Line, say, type Tone } from '../text/line.ts';
import { clockTimeAndDay, perSecond, seconds, shortCount } from '../text/words.ts';

const pageTones: Readonly<Record<PageState, Tone>> = {
  confirmed: 'ok',
  published: 'warn',
  reading: 'running',
  ahead: 'dim',
};

export function cursorLine({ report }: EntryRow, { window, ordinal }: RunView, { arrow }: Glyphs): Line {
  const from = report.cursor === null ? 'the beginning' : String(report.cursor);
  if (ordinal !== undefined) return say(`${from} ${arrow} read up to ${ordinal}`);
  if (!window) return say(`from ${from}`);
  return say(`${from} ${arrow} ${formatTimestamp(window.until)} when done`);
}

export function recordsLine({ read, confirmed, dead, reread, again }: RunView, width: number): Line {
  const waiting = Math.max(0, read - confirmed - dead);
  return factsLine(
    [
      say(`read ${count(read)}`),
      say(`published ${count(confirmed)}`),
      say(`waiting ${count(waiting)}`),
      say(`dead ${count(dead)}`, dead > 0 ? 'warn' : 'plain'),
      reread > 0 ? say(`read again at page boundaries ${count(reread)}`) : [],
      again > 0 ? say(`window read again ${counted(again, 'time')}`, 'warn') : [],
    ],
    width,
  );
}

export function sourceLine(
  { latency, requestRate, retries, tooMany }: RunView,
  { data }: Model,
  width: number,
): Line {
  const isAlone = data.entries.filter(({ run }) => run !== undefined).length <= 1;
  const tone = retries > 0 ? 'warn' : 'plain';
  return factsLine(
    [
      say(
        latency ? `latency ${seconds(latency.mean)} (p95 ${seconds(latency.p95)})` : 'latency not known yet',
      ),
      say(`retries ${retries}`, tone),
      say(`429s ${tooMany}`, tone),
      requestRate === undefined ? [] : say(`requests ${perSecond(requestRate)}`),
      // A retry names its host, not its entry.
      isAlone || retries === 0 ? [] : say('(retries of all entries)', 'dim'),
    ],
    width,
  );
}

/** Facts next to each other; where there is no room the last ones go. */
function factsLine(facts: readonly Line[], width: number): Line {
  return fit(
    facts.map((spans, at) => ({ spans, drop: at })),
    width,
    3,
  );
}

export function rateLine({ rate, spark }: RunView, width: number, glyphs: Glyphs): Line {
  const graph = sparkline(spark, Math.max(0, width), glyphs);
  return [
    { text: graph, tone: 'running' },
    {
      text: `${graph === '' ? '' : '  '}${rate === undefined ? glyphs.none : perSecond(rate)}`,
      tone: 'plain',
    },
  ];
}

/** Every reader in a line; @param most how many lines there may be, the title included */
export function readerLines(
  { report }: EntryRow,
  run: RunView,
  { now }: Model,
  most: number,
): readonly Line[] {
  const shown = run.readers.filter(({ slot, page }) => slot <= run.workers || page !== undefined);
  const rows = shown.slice(0, Math.max(1, most - 1));
  const hidden = shown.length - rows.length;
  const pages = `pages of ${count(report.itemsPerRequest)}`;
  const title =
    run.ordinal === undefined
      ? ` readers   ${count(run.workers)} at once, ${pages}`
      : ` reader    one page after the other, ${pages}, ${count(run.workers)} unconfirmed`;
  return [
    say(hidden > 0 ? `${title}, ${hidden} more` : title, 'dim'),
    ...(rows.length === 0
      ? [say('   none has asked yet', 'dim')]
      : rows.map((reader) => readerLine(reader, now))),
  ];
}

/** So long a page takes only when something is wrong. */
const slowMs = 10_000;

function readerLine({ slot, page, since, last }: ReaderView, now: number): Line {
  const took = last ? `page ${last.page} took ${seconds(last.ms)}` : '';
  const number = `${String(slot).padStart(3)}  `;
  if (page === undefined)
    return [
      { text: number, tone: 'dim' },
      { text: took, tone: 'dim' },
    ];
  const waits = Math.max(0, now - since);
  return [
    { text: number, tone: 'dim' },
    { text: `page ${String(page).padEnd(6)} `, tone: 'plain' },
    { text: `reading ${seconds(waits)}`.padEnd(16), tone: waits > slowMs ? 'warn' : 'running' },
    { text: last ? ` last ${seconds(last.ms)}` : '', tone: 'dim' },
  ];
}

/** Each page a sign, or several to a sign where there are more, and what the signs mean. */
export function pageMapLines(run: RunView, glyphs: Glyphs, width: number, most: number): readonly Line[] {
  const legend: Line = (['confirmed', 'published', 'reading', 'ahead'] as const).flatMap((state) => [
    { text: glyphs.pages[state], tone: pageTones[state] },
    { text: ` ${state}   `, tone: 'dim' as const },
  ]);
  const cells = run.pages.cells(width * Math.max(1, most), run.pagesExpected);
  if (cells.length === 0) return [];
  const of = run.pagesExpected > 0 ? ` of about ${count(Math.max(run.pagesExpected, run.pagesRead))}` : '';
  const rows: Line[] = [];
  for (let at = 0; at < cells.length; at += width)
    rows.push([{ text: ' ', tone: 'plain' }, ...joined(cells.slice(at, at + width), glyphs)]);
  return [
    say(` pages     ${count(run.pagesConfirmed)} confirmed${of}`, 'dim'),
    ...rows,
    [{ text: ' ', tone: 'plain' }, ...legend],
  ];
}

/** Neighbours that look the same in one span: fewer bytes to write. */
function joined(cells: readonly PageState[], glyphs: Glyphs): Line {
  const spans: { text: string; tone: Tone }[] = [];
  for (const cell of cells) {
    const last = spans.at(-1);
    const tone = pageTones[cell];
    if (last?.tone === tone) last.text += glyphs.pages[cell];
    else spans.push({ text: glyphs.pages[cell], tone });
  }
  return spans;
}

export function settingsLine({ report }: EntryRow): Line {
  return say(
    `worker_count ${report.workerCount}   items_per_request ${report.itemsPerRequest}   service ${report.service}`,
  );
}

/** The entry's newest runs, newest first. */
export function lastRunLines(
  { report }: EntryRow,
  { data, now }: Model,
  width: number,
  most: number,
): readonly Line[] {
  const runs = data.history
    .filter(
      ({ entry, result }) =>
        entry === report.key && ['done', 'cancelled', 'failed', 'stopped'].includes(result),
    )
    .slice(0, most);
  if (runs.length === 0) return [say(' last runs  none yet', 'dim')];
  return [say(' last runs', 'dim'), ...runs.map((run) => lastRunLine(run, now, width))];
}

function lastRunLine(run: RunRecord, now: number, width: number): Line {
  const { started, mode, totals, error, result } = run;
  const when = clockTimeAndDay(started, now).padEnd(10);
  const did = `${mode.toLowerCase().padEnd(5)} ${shortCount(totals.published).padStart(6)} in ${duration(totals.seconds)}`;
  const letters = totals.deadLetters > 0 ? say(counted(totals.deadLetters, 'dead letter'), 'warn') : [];
  const ended =
    result === 'done'
      ? []
      : say(`${result}: ${error ?? 'no reason'}`, result === 'cancelled' ? 'warn' : 'bad');
  const begins: Line = [
    { text: `   ${when} `, tone: 'dim' },
    { text: did, tone: 'plain' },
  ];
  return factsLine([begins, ended, letters, ...extras(totals).map((fact) => say(fact, 'dim'))], width);
}

/** What is worth a word only when there was some of it. */
function extras(totals: RunTotals): readonly string[] {
  const { ignored, retried, slowestMs } = totals;
  const limit = limitedBy(totals);
  return [
    limit === undefined ? '' : `limited by ${limitName(limit)}`,
    retried > 0 ? `retries ${shortCount(retried)}` : '',
    slowestMs > 0 ? `slowest ${seconds(slowestMs)}` : '',
    ignored > 0 ? `ignored ${shortCount(ignored)}` : '',
  ].filter((fact) => fact !== '');
}
