import { inspect } from 'node:util';

/** Longest reason and longest stack that are stored with a failed job, in UTF-16 units. */
export const LONGEST_REASON = 2000;
export const LONGEST_STACK = 8000;

/**
 * What BullMQ is given for a job whose handler rejected with `thrown`: its message and its stack, bounded, and otherwise
 * as they are but for what Postgres cannot store (NUL and halves of surrogate pairs become U+FFFD). It is always a plain
 * error, because BullMQ takes some errors, by name or by message, for orders and not for failures.
 */
export function jobFailure(thrown: unknown): Error {
  const reason = storable(reasonOf(thrown), LONGEST_REASON);
  const failure = new Error(reason === RATE_LIMITED ? `${reason} ` : reason);
  failure.stack = thrown instanceof Error ? storable(textOf(thrown.stack ?? ''), LONGEST_STACK) : '';
  return failure;
}

function reasonOf(thrown: unknown): string {
  return textOf(thrown instanceof Error ? thrown.message || thrown.name : thrown);
}

// Code that is not ours may throw anything, also what cannot be made a string.
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: 1 });
}

// bullmq 6.7, RATE_LIMIT_ERROR: a job that fails with this message is put back instead.
const RATE_LIMITED = 'bullmq:rateLimitExceeded';

function storable(text: string, longest: number): string {
  const bounded = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
  return bounded.replaceAll('\0', '\uFFFD').toWellFormed();
}
