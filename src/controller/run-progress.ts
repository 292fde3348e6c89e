import type { EventBody } from '../model/events.ts';
import type { RunProgress } from '../model/status.ts';

/** How far a run is after one of its events, counted as the screen counts it; undefined before it has begun. Pure. */
export function progressAfter(before: RunProgress | undefined, event: EventBody): RunProgress | undefined {
  if (event.type === 'run.started') return nothingYet;
  if (!before) return undefined;
  switch (event.type) {
    case 'run.window':
      return { ...before, total: event.total };
    case 'run.chain':
      return { ...before, ordinal: event.after };
    case 'page.read': {
      const { records, total = before.total, ordinal = before.ordinal } = event;
      return { ...before, read: before.read + records, total, ordinal };
    }
    case 'page.confirmed':
      return { ...before, published: before.published + event.records };
    case 'chunks.waiting':
      return { ...before, waitingChunks: event.chunks };
    default:
      return before;
  }
}

const nothingYet: RunProgress = { read: 0, published: 0, total: null, ordinal: null, waitingChunks: 0 };
