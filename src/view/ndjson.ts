import type { SluiceEvent } from '../model/events.ts';
import { safeJson } from '../model/visible.ts';
import type { Outlet } from './outlet.ts';
import type { View } from './plain.ts';

export interface NdjsonOptions {
  readonly write: Outlet['write'];
  readonly redact: (text: string) => string;
}

/** Every event as one JSON object a line, pages included; a reader that is too slow for those loses pages first. */
export function createNdjsonView({ write, redact }: NdjsonOptions): View {
  return { show: (event) => write(`${eventJson(event, redact)}\n`, isPage(event)) };
}

/** Whether an event is about one page: there are thousands, and views sum them up or leave them out. */
export function isPage({ type }: SluiceEvent): boolean {
  return type.startsWith('page.');
}

/** An event as JSON: `at` as ISO time, an error as code, message, hint and recovery. */
export function eventJson(event: SluiceEvent, redact: (text: string) => string): string {
  return safeJson({ ...event, at: new Date(event.at).toISOString() }, redact);
}
