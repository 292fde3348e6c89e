import { X509Certificate } from 'node:crypto';
import { type SecureContext, createSecureContext, getCACertificates } from 'node:tls';

/** What a connection shows and trusts beyond the platform's own, as PEM texts. */
export interface TlsOptions {
  /** Trusted in addition to what this machine trusts. */
  readonly ca?: string | undefined;
  readonly client?: ClientCertificate | undefined;
}

export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** @throws Error in OpenSSL's words when a text is no certificate or no key, or the two do not belong together */
export function createSecure({ ca, client }: TlsOptions): SecureContext {
  // A text without a certificate is passed over in silence by createSecureContext.
  if (ca !== undefined) readCertificate(ca);
  return createSecureContext({
    ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }),
    ...(client === undefined ? {} : { cert: client.cert, key: client.key }),
  });
}

/** The last moment of a certificate, in its own words; undefined for a text that is none. */
export function validUntil(pem: string): string | undefined {
  try {
    return readCertificate(pem).validTo;
  } catch {
    return undefined;
  }
}

function readCertificate(pem: string): X509Certificate {
  return new X509Certificate(pem);
}
