import { count } from '../../format.ts';
import type { Model, QueueRow } from '../model.ts';
import { blank, type Line, say } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { perSecond } from '../text/words.ts';
import { chosenAt, listOf } from '../ui.ts';
import { matches } from '../entry-choice.ts';
import type { ScreenPart } from './contract.ts';
import { listLines } from './list.ts';

const queueDropOrder = ['done', 'delayed', 'out', 'in', 'active', 'failed'] as const;

/** Every queue of the store: what waits, who works, what failed. */
export const queues: ScreenPart = {
  id: 'queues',
  title: 'queues',
  digit: '2',
  keys: [],
  canFilter: true,
  rows: (model) => shownQueues(model).map(({ name }) => name),
  view: (_model, height) => Math.max(1, height - 1),
  copy(model) {
    const rows = shownQueues(model);
    const row =
      rows[
        chosenAt(
          listOf(model.ui, 'queues'),
          rows.map(({ name }) => name),
        )
      ];
    return (
      row &&
      `${row.name}  waiting ${row.waiting}  active ${row.active}  failed ${row.failed}  workers ${row.workers}`
    );
  },
  body(model, width, height) {
    const { data, glyphs } = model;
    if (!data.ready) return [blank, say('   starting: the queue is being opened', 'dim')];
    if (!data.queues) {
      const why = data.facts.down ? `: ${data.facts.down.reason}` : '';
      return [blank, say(`   the queues cannot be read just now${why}`, 'warn')];
    }
    if (data.queues.length === 0)
      return [blank, say('   there is no queue yet: the first run makes it', 'dim')];
    const rows = shownQueues(model);
    if (rows.length === 0)
      return [blank, say('   no queue has that in its name; esc shows all again', 'dim')];
    return listLines(
      {
        screen: 'queues',
        rows,
        idOf: ({ name }) => name,
        columns: () => columns(glyphs.none),
        dropOrder: queueDropOrder,
      },
      model,
      width,
      height,
    );
  },
};

function shownQueues({ data, ui }: Model): readonly QueueRow[] {
  const { filter } = listOf(ui, 'queues');
  const all = data.queues ?? [];
  return filter === '' ? all : all.filter(({ name }) => matches(name, filter));
}

function columns(none: string): readonly Column<QueueRow>[] {
  return [
    { name: 'name', title: 'QUEUE', width: 14, most: 40, gap: 0, cell: ({ name }) => say(name) },
    number('waiting', 'WAITING', 9, ({ waiting }) => say(count(waiting), waiting > 0 ? 'strong' : 'dim')),
    number('active', 'ACTIVE', 8, ({ active }) => say(count(active), active > 0 ? 'running' : 'dim')),
    number('delayed', 'DELAYED', 9, ({ delayed }) => say(count(delayed), 'dim')),
    number('failed', 'FAILED', 8, ({ failed }) => say(count(failed), failed > 0 ? 'bad' : 'dim')),
    number('done', 'DONE KEPT', 10, ({ completed }) => say(count(completed), 'dim')),
    number('in', 'IN', 8, ({ inRate }) => say(inRate === undefined ? none : perSecond(inRate))),
    number('out', 'OUT', 8, ({ outRate }) => say(outRate === undefined ? none : perSecond(outRate))),
    { name: 'workers', title: 'WORKERS', width: 10, gap: 2, cell: (row) => workersCell(row) },
  ];
}

/** Nobody who takes anything away is worth a colour only when something waits. */
function workersCell({ workers, waiting }: QueueRow): Line {
  if (workers > 0) return say(count(workers));
  return say('no workers', waiting > 0 ? 'warn' : 'dim');
}

function number(name: string, title: string, width: number, cell: (row: QueueRow) => Line): Column<QueueRow> {
  return { name, title, width, gap: 1, align: 'right', cell };
}
