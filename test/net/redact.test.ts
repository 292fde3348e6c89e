import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/net/redact.ts';

const key = '0123456789abcdef0123456789abcdef-us21';

describe('a known secret', () => {
  const redact = createRedactor([key, 'p@ss/w0rd+"x"', 'ab']);

  test('is hidden as it is', () => {
    expect(redact(`key ${key} refused`)).toBe('key *** refused');
  });

  test('is hidden inside JSON, percent-encoded and form-encoded', () => {
    expect(redact(JSON.stringify({ password: 'p@ss/w0rd+"x"' }))).toBe('{"password":"***"}');
    expect(redact(`?p=${encodeURIComponent('p@ss/w0rd+"x"')}&q=1`)).toBe('?p=***&q=1');
    expect(redact(`?p=${encodeURIComponent('p@ss/w0rd+"x"').toLowerCase()}`)).toBe('?p=***');
  });

  test('is hidden in base64, whatever stands before and after it', () => {
    for (const user of ['', 'a', 'ab', 'abc', 'abcd']) {
      const encoded = Buffer.from(`${user}:${key}\n`).toString('base64');
      const shown = redact(`token=${encoded}`);
      const left = Buffer.from(shown.replaceAll('***', ''), 'base64').toString('latin1');
      expect(left).not.toContain(key.slice(2, -2));
    }
  });

  test('of less than 4 characters is left alone', () => {
    expect(redact('about')).toBe('about');
  });
});

describe('what is secret by its place', () => {
  const redact = createRedactor([]);

  test('passwords in addresses', () => {
    expect(redact('redis://default:hunter2@host:6379/0')).toBe('redis://default:***@host:6379/0');
    expect(redact('rediss://:hunter2@host')).toBe('rediss://:***@host');
    expect(redact('nats://a:b@c@h1,nats://d:e@h2')).toBe('nats://a:***@h1,nats://d:***@h2');
    expect(redact('{"url":"redis://u:p@h","mail":"a@b"}')).toBe('{"url":"redis://u:***@h","mail":"a@b"}');
  });

  test('header values', () => {
    expect(redact('authorization: Basic dXNlcjpwYXNz')).toBe('authorization: Basic ***');
    expect(redact('Bearer abc.def-123_X==, next')).toBe('Bearer ***, next');
  });

  test('but not addresses without a password and not plain English', () => {
    const plain = 'https://us21.api.mailchimp.com/3.0 at 12:00, mail a@b.org, basic authentication required';
    expect(redact(plain)).toBe(plain);
  });
});

const secrets = fc.array(fc.string({ minLength: 4, maxLength: 40, unit: 'binary' }), {
  minLength: 1,
  maxLength: 5,
});
const around = fc.string({ maxLength: 30, unit: 'binary' });

test('no secret survives in any text built around it', () => {
  fc.assert(
    fc.property(secrets, around, around, (list, before, after) => {
      const redact = createRedactor(list);
      for (const secret of list) {
        const forms = [
          secret,
          encodeURIComponent(secret.toWellFormed()),
          JSON.stringify(secret).slice(1, -1),
        ];
        for (const form of forms) {
          const shown = redact(before + form + after);
          for (const other of [...list, ...forms]) expect(shown).not.toContain(other);
        }
      }
    }),
  );
});

test('not even where hiding one secret would put another together', () => {
  const redact = createRedactor(['abcd', 'x***y', '****']);
  for (const text of ['xabcdy', 'xxabcdyy', '*abcd', 'xx***yy']) {
    const shown = redact(text);
    expect(shown).not.toContain('x***y');
    expect(shown).not.toContain('****');
  }
});

test('twin: a redactor that knows the plain form only lets encoded secrets through', () => {
  const plainOnly = (text: string): string => text.replaceAll(key, '***');
  const header = Buffer.from(`sluice:${key}`).toString('base64');
  expect(plainOnly(header)).toBe(header);
  expect(createRedactor([key])(header)).not.toBe(header);
});
