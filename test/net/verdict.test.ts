import { describe, expect, test } from 'vitest';
import { judgeFailure } from '../../src/net/verdict.ts';

function failure(code: string): Error {
  return Object.assign(new Error('40A3061A3A7F0000:error:0A000410:SSL routines'), { code });
}

describe('a secure connection that failed', () => {
  // As Node 26 names them, seen with openssl s_server -Verify over TLS 1.2 and 1.3.
  test.each([
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED',
  ])('because of our certificate (%s) is not tried again', (code) => {
    expect(judgeFailure(failure(code), 'sis.example.org')).toMatchObject({
      kind: 'hopeless',
      error: {
        code: 'net.client_certificate',
        recovery: 'config',
        message: 'sis.example.org does not accept our client certificate, or misses one',
        hint: expect.stringContaining(code),
      },
    });
  });

  test('because of theirs is', () => {
    expect(judgeFailure(failure('CERT_HAS_EXPIRED'), 'sis.example.org')).toMatchObject({
      kind: 'hopeless',
      error: { code: 'net.certificate', recovery: 'retry' },
    });
  });

  test('for another reason is tried again, and told without the words of OpenSSL', () => {
    expect(judgeFailure(failure('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'), 'sis.example.org')).toEqual({
      kind: 'again',
      reason: 'no secure connection with sis.example.org (ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE)',
      overload: false,
    });
  });
});
