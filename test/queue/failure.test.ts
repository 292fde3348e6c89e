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
  ['connect ECONNREFUSED 127.0.0.1:1', { code: 'ECONNREFUSED' }, 'queue.failed', 'retry'],
  ['the database system is starting up', { code: '57P03' }, 'queue.failed', 'retry'],
  ['deadlock detected', { code: '40P01' }, 'queue.failed', 'retry'],
  ['canceling statement due to statement timeout', { code: '57014' }, 'queue.failed', 'retry'],
  ['function add_job(...) does not exist', { code: '42883' }, 'queue.failed', 'retry'],
  ['relation "bullmq.job" does not exist', { code: '42P01' }, 'queue.failed', 'retry'],
  ['password authentication failed for user "u"', { code: '28P01' }, 'queue.unauthorized', 'config'],
  ['no pg_hba.conf entry for host "h", no encryption', { code: '28000' }, 'queue.unauthorized', 'config'],
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', {}, 'queue.unauthorized', 'config'],
  ['database "d" does not exist', { code: '3D000' }, 'queue.no-database', 'config'],
  ['permission denied for schema bullmq', { code: '42501' }, 'queue.forbidden', 'config'],
  ['type "job_state" already exists', { code: '42710' }, 'queue.unsuitable', 'stop'],
  ['certificate has expired', { code: 'CERT_HAS_EXPIRED' }, 'queue.tls', 'config'],
  ['The server does not support SSL connections', {}, 'queue.tls', 'config'],
  ['unsupported startup parameter: options', { code: '08P01' }, 'queue.unsuitable', 'config'],
  ['cannot execute INSERT in a read-only transaction', { code: '25006' }, 'queue.read-only', 'retry'],
  ['sorry, too many clients already', { code: '53300' }, 'queue.busy', 'retry'],
  ['too old', { name: 'UnsupportedPostgresVersionError' }, 'queue.unsuitable', 'stop'],
  ['stack depth limit exceeded', { code: '54001' }, 'queue.unstorable', 'skip'],
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

test('a host with several addresses says of one of them what was wrong', () => {
  const refused = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:1`));
  const thrown = Object.assign(new AggregateError(refused), { code: 'ECONNREFUSED' });
  expect(queueFailure(thrown, 's').message).toBe('s: connect ECONNREFUSED ::1:1');
});

test('a QueueError stays itself, and what is no error becomes one', () => {
  const error = new QueueError('x', { code: 'queue.x', recovery: 'stop' });
  expect(queueFailure(error, 's')).toBe(error);
  expect(queueFailure('odd', 's').message).toBe('s: odd');
});
