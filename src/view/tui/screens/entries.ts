import { chosenEntry, entryOrders, isUnfolded, shownEntries } from '../entry-choice.ts';
import { entryKeys, openKey, workerKeys } from '../keys/entry-keys.ts';
import type { EntryRow, Model } from '../model.ts';
import { nameOf, rateOf, stateOf } from '../row-state.ts';
import { whyNotFaster } from '../state/why.ts';
import { fit } from '../text/fit.ts';
import { sparkline } from '../text/graphs.ts';
import { blank, joined, type Line, plainText, say } from '../text/line.ts';
import { logLine } from '../text/log-line.ts';
import { behind, inStep, noteOf, percent, progressCounts } from '../text/progress.ts';
import { looks } from '../text/states.ts';
import { ago, perSecond, upcoming } from '../text/words.ts';
import { listOf } from '../ui.ts';
import type { ScreenPart } from './contract.ts';
import { entryColumns, entryDropOrder } from './entry-columns.ts';
import { listLines, positionText } from './list.ts';

/** Every entry, what it does and why it is not faster. */
export const entries: ScreenPart = {
  id: 'entries',
  title: 'entries',
  digit: '1',
  keys: [openKey, ...entryKeys, ...workerKeys],
  orders: entryOrders,
  canFilter: true,
  rows: (model) => shownEntries(model).map(({ report }) => report.key),
  view: (model, height) => Math.max(1, height - 1 - stripHeight(model, height)),
  copy(model) {
    const row = chosenEntry(model);
    if (!row) return undefined;
    const facts = [
      nameOf(row),
      stateOf(row),
      percent(row),
      progressCounts(row),
      plainText(noteOf(row, model.now, true)),
    ];
    return facts.filter((fact) => fact !== undefined && fact !== '').join('  ');
  },
  body(model, width, height) {
    const rows = shownEntries(model);
    const { data, glyphs, ui } = model;
    if (data.facts.reports === undefined) return [blank, say(`   ${starting(model)}`, 'dim')];
    if (data.entries.length === 0) return emptyFile(model);
    const strip = stripHeight(model, height);
    const { filter, order } = listOf(ui, 'entries');
    if (rows.length === 0)
      return [
        blank,
        say(`   no entry has "${filter}" in it; esc shows all ${data.entries.length} again`, 'dim'),
      ];
    const list = listLines(
      {
        screen: 'entries',
        rows,
        idOf: ({ report }) => report.key,
        columns: (inView) => entryColumns(inView, model),
        dropOrder: entryDropOrder(model),
        order: orderTitles[entryOrders[order] ?? 'file'],
      },
      model,
      width,
      height - strip,
    );
    if (strip === 0) return list;
    const room = height - strip - 1;
    const padding = Array.from({ length: Math.max(0, height - strip - list.length) }, () => blank);
    const position = positionText(
      Math.min(listOf(ui, 'entries').top, Math.max(0, rows.length - room)),
      room,
      rows.length,
    );
    return [
      ...list,
      ...padding,
      ruleWith(position, width, glyphs.rule),
      aboutChosen(model, width),
      ...data.log.slice(-(strip - 2)).map((line) => logLine(line, width)),
    ];
  },
};

function starting({ data }: Model): string {
  const { controller } = data.facts;
  return controller ? `starting: the queue ${controller.queue} is being opened` : 'starting';
}

/** Titles of the columns that the orders stand for. */
const orderTitles: Readonly<Record<string, string | undefined>> = {
  state: 'STATE',
  name: 'ENTRY',
  rate: 'RATE',
  'last run': 'LAST RUN',
};

/** The rule, the chosen entry in words and the newest lines of the log, where there is room for them. */
function stripHeight(model: Model, height: number): number {
  if (height < 10) return 0;
  const free = height - 1 - shownEntries(model).length - 2;
  const lines = Math.max(2, Math.min(free, Math.floor(height / 3)));
  return 2 + Math.min(lines, model.data.log.length);
}

/** A rule with something said at its right end. */
function ruleWith(text: string, width: number, rule: string): Line {
  if (text === '') return say(rule.repeat(width), 'dim');
  return say(`${rule.repeat(Math.max(0, width - text.length - 4))} ${text} ${rule.repeat(2)}`, 'dim');
}

function aboutChosen(model: Model, width: number): Line {
  const row = chosenEntry(model);
  if (!row) return blank;
  const rate = rateOf(row);
  const spark = row.run ? sparkline(row.run.spark, Math.min(24, Math.floor(width / 5)), model.glyphs) : '';
  return fit(
    [
      { spans: [{ text: ` ${nameOf(row)}`, tone: 'strong' }], drop: 0 },
      { spans: row.members ? groupSentence(row, row.members, model) : sentence(row, model), drop: 0 },
      {
        spans:
          spark === ''
            ? []
            : [
                { text: 'records/s ', tone: 'dim' },
                { text: spark, tone: 'running' },
              ],
        drop: 2,
        side: 'right',
      },
      {
        spans: rate === undefined ? [] : say(`${perSecond(rate)} `),
        drop: 1,
        side: 'right',
      },
    ],
    width,
    3,
  );
}

/** What a person would say about a group just now: which of its services run or failed. */
function groupSentence(row: EntryRow, members: readonly EntryRow[], model: Model): Line {
  const namesOf = (...states: readonly string[]): string =>
    members
      .filter((member) => states.includes(stateOf(member)))
      .map(nameOf)
      .join(', ');
  if (!isUnfolded(row, model)) {
    const shown = shownEntries(model).filter(({ report }) => report.owner?.key === row.report.key).length;
    const few = shown === 0 ? 'none runs or needs a look' : `shown are the ${shown} that run or need a look`;
    return say(`${members.length} services, ${few}; ${model.glyphs.enter} shows all`);
  }
  const failed = namesOf('failed', 'invalid');
  const running = namesOf('load', 'sync');
  const facts: Line[] = [
    say(`${members.length} services`),
    failed === '' ? [] : say(`failed: ${failed}`, 'bad'),
    running === '' ? [] : say(`running: ${running}`, 'running'),
  ];
  const [first = [], ...others] = facts.filter((fact) => fact.length > 0);
  return joined(first, ...others.map((fact) => joined(say('; ', 'dim'), fact)));
}

/** What a person would say about the entry just now. */
function sentence(row: EntryRow, { data, now }: Model): Line {
  const { report, run } = row;
  if (run) return say(whyNotFaster(run, data.facts, now) ?? 'measuring how fast it is');
  const next = report.nextRun === null ? '' : `next run ${upcoming(Date.parse(report.nextRun), now)}`;
  const facts = [behind(row, now), report.cause ?? undefined, next === '' ? undefined : next];
  switch (report.state) {
    case 'ok': {
      const since = report.lastRun ? `, read ${ago(Date.parse(report.lastRun.started), now)}` : '';
      const rest = next === '' ? '' : `; ${next}`;
      return say(`${inStep(report.cursor, now)}${since}${rest}`);
    }
    case 'load':
    case 'sync':
      return say('starting');
    case 'paused':
      return say('paused by you: p resumes it');
    case 'due':
      return say(report.cause ?? 'starts as soon as there is room');
    default: {
      const said = facts.filter((fact) => fact !== undefined).join('; ');
      return say(said === '' ? looks[report.state].means : said, report.state === 'late' ? 'warn' : 'bad');
    }
  }
}

function emptyFile({ data }: Model): readonly Line[] {
  const path = data.facts.controller?.state ?? 'the state file';
  return [
    blank,
    say('   There is nothing to keep in sync yet.', 'strong'),
    blank,
    [
      { text: '   Press ', tone: 'plain' },
      { text: 'e', tone: 'key' },
      { text: ` to open ${path} and add an entry, such as`, tone: 'plain' },
    ],
    say('   { "service": "demo" }'),
    say('   It starts when you save.'),
  ];
}
