import type { ConsumerTotals } from '../consumer/counter.ts';
import type { Emit, EventBody } from '../model/events.ts';
import { formatTimestamp } from '../model/time.ts';
import { safeJson, visible } from '../model/visible.ts';
import { createRedactor } from '../net/redact.ts';
import type { CliContext } from './context.ts';

/** What `consume` says, as lines or, with `--json`, as one JSON object a line. */
export interface ConsumeLog {
  /** For what the queue and the consumer tell. */
  readonly emit: Emit;
  readonly say: (level: Level, message: string) => void;
  readonly started: (what: {
    readonly from: string;
    readonly to: string;
    readonly concurrency: number;
  }) => void;
  /** Says what was done, if that is more than last time. */
  readonly worked: (totals: ConsumerTotals) => void;
  readonly ended: (totals: ConsumerTotals) => void;
}

type Level = 'info' | 'warn' | 'error';

export interface ConsumeLogOptions {
  readonly json: boolean;
  readonly queue: string;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
}

export function createConsumeLog(
  { print, clock }: Pick<CliContext, 'print' | 'clock'>,
  { json, queue, secrets }: ConsumeLogOptions,
): ConsumeLog {
  const redact = createRedactor(secrets);
  let last: ConsumerTotals = { chunks: 0, records: 0, failed: 0, reason: undefined };
  let lastAt = clock.elapsed();

  return {
    say,
    emit(event) {
      if (event.type === 'notice') return write(event, event.level, event.message);
      if (event.type === 'queue.down') return write(event, 'warn', `${away(event)}; waiting for it`);
      if (event.type === 'queue.up')
        write(event, 'info', `${event.queue} works again after ${Math.round(event.downMs / 1000)} s`);
    },
    started({ from, to, concurrency }) {
      const event = { type: 'consumer.started', queue, from, to, concurrency };
      const jobs = concurrency === 1 ? 'one job' : `${concurrency} jobs`;
      write(event, 'info', `taking ${jobs} at a time off "${queue}" in ${from} into ${to}; ctrl-C ends it`);
    },
    worked(totals) {
      const seconds = (clock.elapsed() - lastAt) / 1000;
      lastAt = clock.elapsed();
      if (totals.chunks === last.chunks && totals.failed === last.failed) return;
      const stored = totals.records - last.records;
      const rate = `${count(Math.round(stored / seconds))} records a second`;
      const isNewFailure = totals.failed > last.failed;
      last = totals;
      const reason = isNewFailure ? ` (the last: ${totals.reason})` : '';
      write(
        { type: 'consumer.worked', queue, ...totals },
        isNewFailure ? 'warn' : 'info',
        `${sum(totals)}${reason}; ${rate}`,
      );
    },
    ended(totals) {
      write({ type: 'consumer.ended', queue, ...totals }, 'info', `done: ${sum(totals)}`);
    },
  };

  function say(level: Level, message: string): void {
    write({ type: 'notice', level, topic: 'consumer', message }, level, message);
  }

  function write(event: object, level: Level, text: string): void {
    const at = clock.now();
    if (json) return print(`${safeJson({ ...event, at: new Date(at).toISOString() }, redact)}\n`);
    const line = `${formatTimestamp(Math.floor(at / 1000))} ${level.toUpperCase()} |consumer| ${text}`;
    print(`${visible(redact(line))}\n`);
  }
}

function sum({ chunks, records, failed }: ConsumerTotals): string {
  return `${count(chunks)} chunks, ${count(records)} records stored, ${count(failed)} failed`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}

/** A reason often names the store itself. */
function away({ queue, reason }: Extract<EventBody, { type: 'queue.down' }>): string {
  return reason.includes(queue) ? reason : `${queue} is away: ${reason}`;
}
