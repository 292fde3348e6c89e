import { counted } from '../../format.ts';
import type { Model } from '../model.ts';
import type { DeadView } from '../state/facts.ts';
import { matches } from '../entry-choice.ts';
import { blank, say } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { clockTimeAndDay } from '../text/words.ts';
import { chosenAt, listOf } from '../ui.ts';
import type { ScreenPart } from './contract.ts';
import { listLines } from './list.ts';

const deadDropOrder = ['when', 'entry'] as const;

/** The records that no attempt could deliver, since the start. */
export const dead: ScreenPart = {
  id: 'dead',
  title: 'dead letters',
  tab: 'dead',
  digit: '4',
  keys: [],
  canFilter: true,
  rows: (model) => shown(model).map(idOf),
  view: (_model, height) => Math.max(1, height - 3),
  copy(model) {
    const rows = shown(model);
    const row = rows[chosenAt(listOf(model.ui, 'dead'), rows.map(idOf))];
    return row && `${row.label} ${row.key ?? '(no key)'}: ${row.reason}`;
  },
  body(model, width, height) {
    const { deadCounts } = model.data.facts;
    const total = [...deadCounts.values()].reduce((sum, one) => sum + one, 0);
    if (total === 0)
      return [blank, say('   no dead letters since the start: every record read was delivered', 'ok')];
    const head = ` ${counted(total, 'record')} of ${counted(deadCounts.size, 'entry').replace('entrys', 'entries')} could not be delivered since the start; each is kept with its reason`;
    return [
      say(head, 'warn'),
      blank,
      ...listLines(
        {
          screen: 'dead',
          rows: shown(model),
          idOf,
          columns: () => columns(model.now),
          dropOrder: deadDropOrder,
        },
        model,
        width,
        height - 2,
      ),
    ];
  },
};

function shown({ data, ui }: Model): readonly DeadView[] {
  const { filter } = listOf(ui, 'dead');
  const all = data.facts.dead;
  return filter === ''
    ? all
    : all.filter(({ label, key, reason }) => matches(`${label} ${key ?? ''} ${reason}`, filter));
}

function idOf({ id }: DeadView): string {
  return String(id);
}

function columns(now: number): readonly Column<DeadView>[] {
  return [
    {
      name: 'when',
      title: 'WHEN',
      width: 10,
      gap: 0,
      cell: ({ at }) => say(clockTimeAndDay(at, now), 'dim'),
    },
    { name: 'entry', title: 'ENTRY', width: 14, most: 22, gap: 2, cell: ({ label }) => say(label) },
    { name: 'key', title: 'KEY', width: 12, most: 24, gap: 2, cell: ({ key }) => say(key ?? '(no key)') },
    { name: 'reason', title: 'REASON', width: 20, gap: 2, cell: ({ reason }) => say(reason, 'warn') },
  ];
}
