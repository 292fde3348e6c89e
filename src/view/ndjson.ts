import { SluiceError } from '../model/errors.ts';
import type { SluiceEvent } from '../model/events.ts';
import type { View } from './plain.ts';
import { visibleJson } from '../model/visible.ts';

export interface NdjsonOptions {
  readonly write: (text: string) => void;
  readonly redact: (text: string) => string;
}

/** Every event as one JSON object a line, pages included. */
export function createNdjsonView({ write, redact }: NdjsonOptions): View {
  return { show: (event) => write(`${eventJson(event, redact)}\n`) };
}

/** An event as JSON: `at` as ISO time, an error as code, message, hint and recovery. */
export function eventJson(event: SluiceEvent, redact: (text: string) => string): string {
  const plain = { ...event, at: new Date(event.at).toISOString() };
  return visibleJson(redact(JSON.stringify(plain, errorsAsData)));
}

function errorsAsData(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { code, hint, recovery } = value instanceof SluiceError ? value : {};
  return { code, message: value.message, hint, recovery };
}
