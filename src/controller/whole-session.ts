import { wholeCursor } from '../model/cursor.ts';
import type { WholeSource } from '../services/contract.ts';
import type { StoredRun } from '../store/stored-run.ts';
import { runWhole } from '../sync/whole-run.ts';
import { buryOf } from './bury.ts';
import { deliveryOf } from './delivery-of.ts';
import { gateOf } from './gate.ts';
import { beginRun } from './new-run.ts';
import { openProcessing } from './processing.ts';
import type { Prepared, SessionStart } from './session-contract.ts';

/** The key under which a whole run leaves the stamp of what it published. */
const everything = '';

/** A run over a source without cursor: all of it, published when it is not what was published before. */
export async function prepareWhole(start: SessionStart<WholeSource>): Promise<Prepared> {
  const { entry, source, traffic, sink, last, unfinished, parts, signals } = start;
  const { service, store, clock, emit } = parts;
  const name = { key: entry.key, label: entry.label };
  const run = unfinished ?? begin(start);
  signals.onRun(run);
  // A person who set the cursor back wants all of it again.
  const isAgain = last !== undefined && entry.entry.latest_ordinal === wholeCursor;

  return await Promise.resolve({
    run,
    resumed: unfinished !== undefined,
    async execute() {
      let read = 0;
      const counted: WholeSource = {
        async read(signal) {
          const content = await source.read(signal);
          read = content.records.length;
          return content;
        },
      };
      const processing = await openProcessing(
        { name, runId: run.id, sink, read: () => read, dead: 0 },
        parts,
        signals,
      );
      const outcome = await runWhole(
        {
          entry: name,
          service: service.name,
          runId: run.id,
          known: isAgain ? store.runs.tail(last.id).get(everything) : undefined,
          totals: run.totals,
        },
        {
          source: counted,
          traffic,
          delivery: deliveryOf(run.id, sink, processing, parts),
          gate: gateOf(sink, parts),
          clock,
          emit,
          bury: buryOf(run.id, name, sink, parts),
          cancel: signals.cancel,
          drain: signals.drain,
        },
      );
      const { totals } = outcome;
      if (outcome.kind === 'drained') return { kind: 'drained', totals };
      return {
        kind: 'complete',
        totals,
        cursorTo: run.cursorTo,
        tail: new Map([[everything, outcome.stamp]]),
      };
    },
  });
}

function begin({ entry, parts }: SessionStart<WholeSource>): StoredRun {
  return beginRun(
    entry,
    {
      mode: entry.entry.latest_ordinal === wholeCursor ? 'SYNC' : 'LOAD',
      span: { kind: 'whole' },
      cursorTo: wholeCursor,
    },
    parts,
  );
}
