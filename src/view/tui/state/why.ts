import { count, counted } from '../../format.ts';
import type { Facts } from './facts.ts';
import type { RunView } from './live-run.ts';

/** From this share of their time on, readers that wait for the source are what limits a run. */
const busyShare = 0.85;
/** A retry is the reason for as long as its wait lasts, and this long at least. */
const retryFreshMs = 5000;
/** No source met so far takes more connections of one key than this. */
const mostWorkers = 10;

/** Why a run is not faster, in a sentence; undefined while nobody can know. */
export function whyNotFaster(
  run: RunView,
  { down, full, retry, quit }: Pick<Facts, 'down' | 'full' | 'retry' | 'quit'>,
  now: number,
): string | undefined {
  if (down) return `${down.queue} is down: reading waits for it`;
  const [filled] = full;
  if (filled) {
    const who = filled.workers === 0 ? 'no workers take them' : `${count(filled.workers)} workers take them`;
    return `the queue is full (${filled.reason}, ${who}): reading waits for room`;
  }
  if (quit) return 'it is draining: no new page is asked for';
  if (run.waiting?.workers === 0) {
    return `${counted(run.waiting.chunks, 'chunk')} wait for consumers, 0 workers on ${run.waiting.queue}`;
  }
  if (run.total === undefined && run.ordinal === undefined)
    return 'it is asking the source how much there is';
  if (retry && now < Math.max(retry.until, retry.at + retryFreshMs)) {
    const wait =
      retry.until > now ? `: the next attempt is in ${Math.ceil((retry.until - now) / 1000)} s` : '';
    return `${retry.reason}${wait}`;
  }
  if (run.rate === undefined || run.pagesRead < (run.ordinal === undefined ? run.workers : 1))
    return undefined;
  if (run.pagesExpected > 0 && run.pagesExpected - run.pagesRead <= run.workers)
    return 'the last pages are read';
  if (run.ordinal !== undefined) return chainBound(run);
  const unconfirmed = run.pagesRead - run.pagesConfirmed;
  if (run.busy >= busyShare) return sourceBound(run);
  if (unconfirmed >= run.workers)
    return `the queue is slower than the source: ${count(unconfirmed)} pages wait to be confirmed`;
  return `readers wait for the source ${Math.round(run.busy * 100)} % of the time: the rest goes into publishing`;
}

/** Pages that name the next one are read one after the other, whatever worker_count says. */
function chainBound({ busy, waiting, workers }: RunView): string {
  if (busy >= busyShare) return 'the source is the limit: it is read one page after the other';
  if (!waiting) return `it waits for the source ${Math.round(busy * 100)} % of the time`;
  const ahead = `at most ${counted(workers, 'page')} ahead of them (worker_count)`;
  return `consumers are the limit: ${counted(waiting.chunks, 'chunk')} wait for ${counted(waiting.workers, 'worker')}, ${ahead}`;
}

function sourceBound({ workers }: RunView): string {
  const more = Math.min(mostWorkers, workers + Math.max(1, Math.ceil(workers / 2)));
  if (more <= workers) return `the source's latency is the limit, with ${count(workers)} readers at once`;
  const gain = Math.round((more / workers - 1) * 10) * 10;
  return `worker_count ${workers} is the limit: ${more} would give up to +${gain} %`;
}
