import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { QueueError } from '../../src/model/errors.ts';
import { queueFailure } from '../../src/queue/failure.ts';

test.each([
  ['connect ECONNREFUSED 127.0.0.1:1', {}, 'queue.failed', 'retry'],
  ['Connection is closed.', {}, 'queue.failed', 'retry'],
  ["READONLY You can't write against a read only replica.", {}, 'queue.failed', 'retry'],
  ['WRONGPASS invalid username-password pair or user is disabled.', {}, 'queue.unauthorized', 'config'],
  ['NOAUTH Authentication required.', {}, 'queue.unauthorized', 'config'],
  ['NOPERM this user has no permissions', {}, 'queue.unauthorized', 'config'],
  ["OOM command not allowed when used memory > 'maxmemory'.", {}, 'queue.full', 'retry'],
  ['could not extend file', { code: '53100' }, 'queue.full', 'retry'],
  ['WRONGTYPE Operation against a key', {}, 'queue.unsuitable', 'stop'],
  ['unsupported Unicode escape sequence', { code: '22P05' }, 'queue.unstorable', 'skip'],
  ['Do not know how to serialize a BigInt', { name: 'TypeError' }, 'queue.unstorable', 'skip'],
  ['memory access out of bounds', { name: 'RuntimeError' }, 'queue.stopped', 'stop'],
])('"%s" %o is %s, recovery %s', (message, details, code, recovery) => {
  const error = queueFailure(Object.assign(new Error(message), details), 'redis://h:1');
  expect(error).toBeInstanceOf(QueueError);
  expect(error).toMatchObject({ code, recovery });
  expect(error.message).toContain('redis://h:1');
  expect(error.message).toContain(message);
  expect(error.hint).toBeTruthy();
});

test('what a library hangs on its errors is left behind', () => {
  const thrown = Object.assign(new Error('ERR no'), {
    command: { name: 'hello', args: ['3', 'AUTH', 'default', 'hunter2'] },
  });
  expect(inspect(thrown)).toContain('hunter2');
  expect(inspect(queueFailure(thrown, 's'), { depth: 9 })).not.toContain('hunter2');
});

test('a QueueError stays itself, and what is no error becomes one', () => {
  const error = new QueueError('x', { code: 'queue.x', recovery: 'stop' });
  expect(queueFailure(error, 's')).toBe(error);
  expect(queueFailure('odd', 's').message).toBe('s: odd');
});
