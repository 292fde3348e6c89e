import type { RunMode, SluiceEvent } from '../../../model/events.ts';
import type { Window } from '../../../model/record.ts';
import { createLatencies } from './latencies.ts';
import { createPageMap, type PageMap } from './page-map.ts';
import { createRates } from './rates.ts';

/** One reader of a run: what it reads and since when, or what it read last. */
export interface ReaderView {
  readonly slot: number;
  /** The page it waits for and since when, epoch milliseconds; undefined while it has nothing to ask for. */
  readonly page: number | undefined;
  readonly since: number;
  readonly last: { readonly page: number; readonly ms: number; readonly records: number } | undefined;
}

/** A run as a frame shows it. Times are epoch milliseconds. */
export interface RunView {
  readonly runId: string;
  readonly mode: RunMode;
  readonly startedAt: number;
  readonly resumed: boolean;
  readonly workers: number;
  readonly window: Window | undefined;
  /** Of a chained run: the greatest ordinal that was read. */
  readonly ordinal: number | undefined;
  /** Chunks that are in the queue and that no consumer has finished. */
  readonly waiting: { readonly chunks: number; readonly workers: number; readonly queue: string } | undefined;
  /** About how many records there are; undefined until the source said so. */
  readonly total: number | undefined;
  readonly read: number;
  readonly confirmed: number;
  readonly reread: number;
  readonly dead: number;
  /** How often the window had to be read again from its beginning. */
  readonly again: number;
  /** 0 to 1; undefined while the total is unknown. */
  readonly fraction: number | undefined;
  /** Records confirmed a second; undefined until there are three seconds of data. */
  readonly rate: number | undefined;
  /** Seconds that are left at this rate; undefined when nobody can know. Never negative. */
  readonly eta: number | undefined;
  readonly requestRate: number | undefined;
  /** Records confirmed in each of the last seconds, oldest first. */
  readonly spark: readonly number[];
  readonly latency: { readonly mean: number; readonly p95: number } | undefined;
  /** The share of their time that the readers wait for the source, 0 to 1. */
  readonly busy: number;
  readonly retries: number;
  /** How many of them because the source answered 429. */
  readonly tooMany: number;
  readonly readers: readonly ReaderView[];
  readonly pagesRead: number;
  readonly pagesConfirmed: number;
  readonly pagesExpected: number;
  readonly recordsPerPage: number;
  readonly pages: PageMap;
}

type Started = Extract<SluiceEvent, { type: 'run.started' }>;

/** One run while it is on. It takes thousands of events a second, so it changes in place and only `view` builds anything. */
export interface LiveRun {
  apply(event: SluiceEvent): void;
  view(now: number): RunView;
}

export function createLiveRun(started: Started): LiveRun {
  const readers = new Map<number, ReaderView>();
  const latencies = createLatencies();
  const rates = createRates();
  const requests = createRates();
  const pages = createPageMap();
  let { workers } = started;
  let window: Window | undefined;
  let ordinal: number | undefined;
  let waiting: RunView['waiting'];
  let total: number | undefined;
  let beganAt = started.at;
  let perPage = 0;
  const sums = { read: 0, confirmed: 0, reread: 0, dead: 0, again: 0, retries: 0, tooMany: 0 };
  const counts = { pagesRead: 0, pagesConfirmed: 0 };

  return {
    apply(event) {
      switch (event.type) {
        case 'run.window':
          ({ window, total } = event);
          beganAt = event.at;
          rates.add(event.at, 0);
          return;
        case 'run.chain':
          ordinal = event.after;
          beganAt = event.at;
          rates.add(event.at, 0);
          return;
        case 'chunks.waiting':
          waiting = event.chunks > 0 ? event : undefined;
          return;
        case 'page.asked': {
          const last = readers.get(event.worker)?.last;
          readers.set(event.worker, { slot: event.worker, page: event.page, since: event.at, last });
          pages.mark(event.page, 'reading');
          return;
        }
        case 'page.read': {
          const { worker, page, records, ms, at } = event;
          total = event.total ?? total;
          ordinal = event.ordinal ?? ordinal;
          perPage = Math.max(perPage, records);
          sums.read += records;
          counts.pagesRead += 1;
          latencies.add(at, ms);
          requests.add(at, 1);
          readers.set(worker, { slot: worker, page: undefined, since: at, last: { page, ms, records } });
          pages.mark(page, 'published');
          return;
        }
        case 'page.reread':
          sums.reread += event.records;
          return;
        case 'page.confirmed':
          sums.confirmed += event.records;
          counts.pagesConfirmed += 1;
          rates.add(event.at, event.records);
          pages.mark(event.page, 'confirmed');
          return;
        case 'run.again':
          sums.again += 1;
          pages.restart();
          return;
        case 'record.dead':
          sums.dead += 1;
          return;
        case 'source.retry':
          sums.retries += 1;
          if (/\b429\b/.test(event.reason)) sums.tooMany += 1;
          return;
        case 'entries.known':
          workers = event.entries.find(({ key }) => key === started.entry.key)?.workerCount ?? workers;
          return;
        default:
      }
    },
    view(now) {
      const all = [...readers.values()].toSorted((a, b) => a.slot - b.slot);
      const rate = rates.perSecond(now);
      const left = total === undefined ? undefined : Math.max(0, total - sums.confirmed);
      return {
        runId: started.runId,
        mode: started.mode,
        startedAt: started.at,
        resumed: started.resumed,
        workers,
        window,
        ordinal,
        waiting,
        total,
        ...sums,
        ...counts,
        fraction: fractionOf(sums.confirmed, total),
        rate,
        eta: left === undefined || rate === undefined || rate <= 0 ? undefined : left / rate,
        requestRate: requests.perSecond(now),
        spark: rates.seconds(now, 60),
        latency: latencies.summary(),
        busy: latencies.busy(
          now,
          // One page after the other.
          ordinal === undefined ? workers : 1,
          beganAt,
          all.filter(({ page }) => page !== undefined).map(({ since }) => since),
        ),
        readers: all,
        pagesExpected: total === undefined || perPage === 0 ? 0 : Math.ceil(total / perPage),
        recordsPerPage: perPage,
        pages,
      };
    },
  };
}

/** Nothing to read is done; a total that shrank under what was confirmed is, too. */
function fractionOf(confirmed: number, total: number | undefined): number | undefined {
  if (total === undefined) return undefined;
  return total <= 0 ? 1 : Math.min(1, confirmed / total);
}
