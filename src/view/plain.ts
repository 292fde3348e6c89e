import type { SluiceEvent } from '../model/events.ts';
import { count, duration } from './format.ts';
import { lineOf, printLine } from './lines.ts';
import type { Outlet } from './outlet.ts';
import type { SnapshotStore } from './snapshot.ts';
import { visible } from '../model/visible.ts';

/** Something that shows events. `show` never throws and never waits (invariant 7). */
export interface View {
  show(event: SluiceEvent): void;
}

export interface PlainOptions {
  readonly write: Outlet['write'];
  readonly redact: (text: string) => string;
  readonly snapshots: SnapshotStore;
}

/** A run that goes on says so this often. */
const progressEveryMs = 10_000;

/** One line an event, and one every ten seconds for a run that goes on. */
export function createPlainView({ write, redact, snapshots }: PlainOptions): View {
  const saidAt = new Map<string, number>();
  const print = (at: number, line: Parameters<typeof printLine>[1]): void => {
    write(`${visible(redact(printLine(at, line)))}\n`);
  };

  return {
    show(event) {
      if (event.type === 'run.started') saidAt.set(event.entry.key, event.at);
      const line = lineOf(event);
      if (line) return print(event.at, line);
      if (event.type !== 'page.confirmed') return;
      if (event.at - (saidAt.get(event.entry.key) ?? 0) < progressEveryMs) return;
      saidAt.set(event.entry.key, event.at);
      const run = snapshots.get().running.get(event.entry.key);
      if (!run) return;
      const seconds = (event.at - run.startedAt) / 1000;
      const of = run.total === undefined ? '' : ` of about ${count(run.total)}`;
      const rate = seconds > 0 ? `, ${count(run.confirmed / seconds)} a second` : '';
      const text = `${run.label}: ${count(run.confirmed)}${of} published in ${duration(seconds)}${rate}.`;
      print(event.at, { level: 'INFO', topic: 'sync', text });
    },
  };
}
