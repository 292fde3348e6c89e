import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { SettingError } from '../../model/errors.ts';
import type { SisTls } from './options.ts';
import type { Door } from './places.ts';

/**
 * The server of an address, not yet listening: http, or https by `tls`. Only the API address asks for client certificates.
 * Throws SettingError for a key or a certificate that is none.
 */
export function createDoor(door: Door, tls: SisTls | undefined) {
  const settings = { keepAliveTimeout: 60_000 };
  if (!tls) return createServer(settings);
  const { key, cert, clientCa } = tls;
  const asks = door === 'api' && clientCa !== undefined;
  const client = asks ? { ca: clientCa, requestCert: true, rejectUnauthorized: true } : {};
  try {
    return createTlsServer({ ...settings, key, cert, ...client });
  } catch (cause) {
    throw new SettingError('key and certificate cannot be used', 'The simulator expects PEM texts.', cause);
  }
}
