import { QueueError } from '../model/errors.ts';
import type { BareCause, KnownFailure } from './known-failure.ts';
import { postgresFailures } from './postgres-failures.ts';
import { errorCode } from './sql.ts';

/**
 * Any throw of a queue library as a QueueError. What is not known to be hopeless has recovery `retry`: the outcome
 * is unknown, and publishing the same ids again is harmless (S12).
 * The libraries' own errors are not kept as causes: ioredis hangs the command and its arguments on them, which
 * means passwords (HELLO ... AUTH) and whole records (invariant 8).
 */
export function queueFailure(thrown: unknown, store: string): QueueError {
  if (thrown instanceof QueueError) return thrown;
  const cause = bareCause(thrown);
  const say = (what: string) => `${store}: ${what} (${cause.message})`;
  for (const { matches, what, ...details } of known)
    if (matches(cause)) return new QueueError(say(what), { ...details, cause });
  return new QueueError(`${store}: ${cause.message}`, {
    code: 'queue.failed',
    recovery: 'retry',
    hint: 'Check that the queue is up and reachable.',
    cause,
  });
}

/** Whether an error says that the store refuses our credentials. */
export function isRefusedLogin(message: string): boolean {
  return /^(WRONGPASS|NOAUTH|NOPERM)\b|invalid password|invalid username-password/i.test(message);
}

/** Whether an error says that the server has no database of that number. */
export function isNoDatabase(message: string): boolean {
  return /DB index is out of range|invalid DB index/i.test(message);
}

const known: readonly KnownFailure[] = [
  {
    matches: ({ message }) => isNoDatabase(message),
    what: 'there is no database of that number',
    code: 'queue.no-database',
    recovery: 'config',
    hint: 'Correct the number at the end of the URL; most servers have 0 to 15.',
  },
  {
    matches: ({ message }) => isRefusedLogin(message),
    what: 'the user name or password is refused',
    code: 'queue.unauthorized',
    recovery: 'config',
    hint: 'Check the user name and password in QUEUE_URL, and the rights of that user.',
  },
  {
    matches: ({ message }) => /^OOM\b/.test(message),
    what: 'the memory limit is reached',
    code: 'queue.full',
    recovery: 'retry',
    hint: 'Let the consumers catch up, or raise maxmemory.',
  },
  {
    matches: ({ message, code }) => code === '53100' || /ENOSPC|No space left/.test(message),
    what: 'the disk is full',
    code: 'queue.full',
    recovery: 'retry',
    hint: 'Free some space on the disk of the queue; the embedded one is in the state folder.',
  },
  {
    matches: ({ message }) => /^WRONGTYPE\b|^ERR unknown command/i.test(message),
    what: 'this is not a Redis that BullMQ can use',
    code: 'queue.unsuitable',
    recovery: 'stop',
    hint: 'Use a Redis 6.2 or newer, and a database that nothing else writes bull: keys to.',
  },
  {
    // Postgres keeps job data as jsonb, which has no U+0000 and no lone surrogates (22P05, 22P02, 22021), and limits of
    // size and depth (54000, 54001).
    matches: ({ name, code }) =>
      name === 'TypeError' || ['22P05', '22P02', '22021', '54000', '54001'].includes(code ?? ''),
    what: 'a record holds something this queue cannot store',
    code: 'queue.unstorable',
    recovery: 'skip',
    hint: 'Look for a NUL character, half a surrogate pair or thousands of nested levels; a Redis queue takes them all.',
  },
  {
    // A trap inside WebAssembly: the instance must not be used again.
    matches: ({ name, message }) => name === 'RuntimeError' || /PGlite is clos/.test(message),
    what: 'the embedded queue has stopped',
    code: 'queue.stopped',
    recovery: 'stop',
    hint: 'Start Sluice again; committed jobs are on disk.',
  },
  ...postgresFailures,
];

function bareCause(thrown: unknown): BareCause {
  if (!(thrown instanceof Error)) return new Error(String(thrown));
  const bare = new Error(thrown.message || messageWithin(thrown) || thrown.name);
  bare.name = thrown.name;
  if (thrown.stack !== undefined) bare.stack = thrown.stack;
  const code = errorCode(thrown);
  return Object.assign(bare, code === undefined ? {} : { code });
}

// A host with several addresses: Node says of each in turn what was wrong with it, and of all together nothing.
function messageWithin(thrown: Error): string | undefined {
  if (!(thrown instanceof AggregateError)) return undefined;
  const first: unknown = thrown.errors[0];
  return first instanceof Error ? first.message : undefined;
}
