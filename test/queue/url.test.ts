import { inspect } from 'node:util';
import { assert as holds, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SettingError } from '../../src/model/errors.ts';
import { chooseQueue } from '../../src/queue/url.ts';

describe('the queue', () => {
  test('is embedded when nothing is said', () => {
    expect(chooseQueue({})).toEqual({ kind: 'embedded', name: 'embedded:' });
    expect(chooseQueue({ QUEUE_URL: '', REDIS_URL: ' ', REDIS_HOST: '' })).toMatchObject({
      kind: 'embedded',
    });
    expect(chooseQueue({ QUEUE_URL: 'embedded:', REDIS_URL: 'redis://a' })).toMatchObject({
      kind: 'embedded',
    });
    expect(chooseQueue({ QUEUE_URL: 'embedded://' })).toMatchObject({ kind: 'embedded' });
  });

  test('comes from QUEUE_URL before REDIS_URL before REDIS_HOST', () => {
    const all = {
      QUEUE_URL: 'redis://one',
      REDIS_URL: 'redis://two',
      REDIS_HOST: 'three',
      REDIS_PORT: '7000',
    };
    expect(chooseQueue(all).name).toBe('redis://one:6379');
    expect(chooseQueue({ ...all, QUEUE_URL: undefined }).name).toBe('redis://two:6379');
    expect(chooseQueue({ REDIS_HOST: 'three', REDIS_PORT: '7000' }).name).toBe('redis://three:7000');
    expect(chooseQueue({ REDIS_HOST: 'three' }).name).toBe('redis://three:6379');
    expect(chooseQueue({ REDIS_PORT: '7000' }).name).toBe('embedded:');
  });

  test('URL is taken apart, and shown without its credentials', () => {
    expect(chooseQueue({ QUEUE_URL: 'rediss://me:p%40s%2Fs@redis.example:6380/2' })).toEqual({
      kind: 'redis',
      name: 'rediss://redis.example:6380/2',
      host: 'redis.example',
      port: 6380,
      db: 2,
      tls: true,
      username: 'me',
      password: 'p@s/s',
    });
    expect(chooseQueue({ QUEUE_URL: 'redis://:secret@[::1]:7000' })).toMatchObject({
      name: 'redis://[::1]:7000',
      host: '::1',
      username: undefined,
      password: 'secret',
    });
    expect(chooseQueue({ REDIS_HOST: '::1' })).toMatchObject({ name: 'redis://[::1]:6379', host: '::1' });
  });

  test('URL of a Postgres is taken apart, and shown without its credentials', () => {
    expect(
      chooseQueue({ QUEUE_URL: 'postgresql://me:p%40s%2Fs@db.example/app%20one?sslmode=require' }),
    ).toEqual({
      kind: 'postgres',
      name: 'postgres://db.example:5432/app%20one',
      host: 'db.example',
      port: 5432,
      database: 'app one',
      tls: true,
      username: 'me',
      password: 'p@s/s',
    });
    expect(chooseQueue({ QUEUE_URL: 'postgres://me@[::1]:5433/app' })).toMatchObject({
      name: 'postgres://[::1]:5433/app',
      host: '::1',
      tls: false,
      password: undefined,
    });
  });

  test.each([
    ['disable', false],
    ['require', true],
    ['verify-ca', true],
    ['verify-full', true],
  ])('sslmode=%s asks for a checked certificate: %s', (mode, tls) => {
    expect(chooseQueue({ QUEUE_URL: `postgres://me@h/app?sslmode=${mode}` })).toMatchObject({ tls });
  });

  test.each([
    ['postgres://u:secret@h', 'cannot be read'],
    ['postgres://u:secret@h/', 'cannot be read'],
    ['postgres://u:secret@/db', 'cannot be read'],
    ['postgres://u:secret@h:99999/db', 'cannot be read'],
    ['postgres://u:secret@h:0/db', 'cannot be read'],
    ['postgres://u:secret@one:1,two:2/db', 'cannot be read'],
    ['postgres://u:sec#ret@h/db', 'cannot be read'],
    ['postgres://u:sec?ret@h/db', 'cannot be read'],
    ['postgres://u:sec/ret@h/db', 'cannot be read'],
    ['postgres://u@v:12/secret@h', 'cannot be read'],
    ['postgres://h/db', 'names no user'],
    ['postgres://:secret@h/db', 'names no user'],
    ['postgres://u:secret%@h/db', 'no escape'],
    ['postgres://u@h/db?password=secret', 'other than sslmode'],
    ['postgres://u@h/db?sslmode=require&options=secret', 'other than sslmode'],
    ['postgresql://u:secret@h/db?sslmode=prefer', 'does not offer'],
    ['postgresql://u:secret@h/db?sslmode=no-verify', 'does not offer'],
    ['http://u:secret@h', 'not a queue Sluice knows'],
    ['secret', 'not a queue Sluice knows'],
    ['u:secret@h:1', 'not a queue Sluice knows'],
    ['redis://u:secret@', 'cannot be read'],
    ['redis://', 'cannot be read'],
    ['redis://u:secret@h:99999', 'cannot be read'],
    ['redis://u:sec#ret@h', 'cannot be read'],
    ['redis://u:sec?ret@h', 'cannot be read'],
    ['redis://u:sec/ret@h', 'cannot be read'],
    ['redis://h?password=secret', 'cannot be read'],
    ['redis://h/secret', 'no database number'],
    ['redis://u:secret%@h', 'no escape'],
    ['embedded:secret', 'after "embedded:"'],
  ])('URL %s is refused with a reason and what to do', (url, reason) => {
    const error = refusal({ QUEUE_URL: url });
    expect(error.message).toContain(reason);
    expect(error.message).toContain('QUEUE_URL');
    expect(error.hint).toBeTruthy();
    expect(error.recovery).toBe('config');
    expect(inspect(error)).not.toMatch(/secret|sec#|sec\?|sec\//);
    expect(refusal({ REDIS_URL: url }).message).toContain('REDIS_URL');
  });

  test.each(['0', '65536', 'abc', '-1', '6379;'])('port %s is refused', (port) => {
    expect(refusal({ REDIS_HOST: 'h', REDIS_PORT: port }).message).toContain('REDIS_PORT');
  });

  test.each(['redis://h', 'a b', 'u:p@h'])('host %s is refused', (host) => {
    expect(refusal({ REDIS_HOST: host }).message).toContain('REDIS_HOST');
  });

  test('password survives whatever it holds, and never shows', () => {
    holds(
      property(string({ unit: 'grapheme', minLength: 1 }), (secret) => {
        const password = encodeURIComponent(secret);
        expect(chooseQueue({ QUEUE_URL: `redis://u:${password}@host` })).toMatchObject({
          password: secret,
          name: 'redis://host:6379',
        });
        expect(chooseQueue({ QUEUE_URL: `postgres://u:${password}@host/db` })).toMatchObject({
          password: secret,
          name: 'postgres://host:5432/db',
        });
      }),
    );
  });

  test('password written without escapes never shows in a refusal', () => {
    holds(
      property(string({ minLength: 8 }), (noise) => {
        const secret = `hunter2${noise}`;
        for (const url of [`redis://u:${secret}@host`, `postgres://u:${secret}@host/db`]) {
          try {
            expect(chooseQueue({ QUEUE_URL: url }).name).not.toContain('hunter2');
          } catch (error) {
            expect(error).toBeInstanceOf(SettingError);
            expect(inspect(error)).not.toContain('hunter2');
          }
        }
      }),
    );
  });
});

function refusal(env: Record<string, string>): SettingError {
  try {
    chooseQueue(env);
  } catch (error) {
    if (error instanceof SettingError) return error;
    throw error;
  }
  throw new Error('accepted');
}
