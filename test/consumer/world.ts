import { systemClock } from '../../src/model/clock.ts';
import type { EventBody } from '../../src/model/events.ts';
import { parseQueueUrl } from '../../src/queue/url.ts';
import { createPostgresTarget } from '../../src/consumer/postgres.ts';
import type { statementsFor } from '../../src/consumer/statements.ts';
import type { Target } from '../../src/consumer/target.ts';

export const signal = new AbortController().signal;

export interface OpenedTarget extends Target {
  /** What it said so far. */
  readonly said: readonly string[];
}

interface Parts {
  readonly schema?: string;
  readonly statements?: typeof statementsFor;
}

/** A target in a test's database, not prepared yet. */
export function startTarget(url: string, { schema, statements }: Parts = {}): OpenedTarget {
  const target = parseQueueUrl(url);
  if (target.kind !== 'postgres') throw new Error('not a Postgres URL');
  const said: string[] = [];
  const emit = (event: EventBody): void => void said.push(textOf(event));
  const options = { target, schema, concurrency: 4, clock: systemClock, emit };
  return { ...createPostgresTarget(options, statements), said };
}

/** A target in a test's database, ready to store. */
export async function openTarget(url: string, parts: Parts = {}): Promise<OpenedTarget> {
  const target = startTarget(url, parts);
  await target.prepare(signal);
  return target;
}

export interface TestEntity {
  readonly id: string;
  readonly documentState?: string | null;
  readonly metadata: { readonly modificationOrdinal: number };
  readonly text?: string;
}

/** A version of an entity; the text tells it from every other version. */
export function version(id: string, ordinal: number, documentState: string | null = 'ACTIVE'): TestEntity {
  return { id, documentState, metadata: { modificationOrdinal: ordinal }, text: `${id} at ${ordinal}` };
}

export function textOf(event: EventBody): string {
  return event.type === 'notice' ? event.message : event.type;
}

/** What some work is rejected with, as text. */
export async function failure(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'resolved',
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
}
