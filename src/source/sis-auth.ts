import type { ClientCertificate } from '../net/tls.ts';

/** What a person set for SISU; empty values count as not set. */
export interface SisCredentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly client?: ClientCertificate | undefined;
}

/** How one kind of request proves who asks. */
export interface SisAuth {
  readonly headers: Readonly<Record<string, string>>;
  readonly client: ClientCertificate | undefined;
  /** What must not be shown, and whose requests count together. */
  readonly secrets: readonly string[];
  /** What a person does when it is not accepted. */
  readonly advice: string;
}

/** The old importer's order for ORI, KORI, ILMO and OSUVA (systems.md 2.2): Basic, bearer, key and certificate, certificate. */
export function exportAuth({ user, password, token, apiKey, client }: SisCredentials): SisAuth {
  if (user && password) {
    const pair = `${user}:${password}`;
    const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    return byHeader({ authorization }, [password, pair], 'SIS_API_USER and SIS_API_PASSWORD');
  }
  if (client) return byCertificate(client, apiKey);
  return token ? byHeader({ authorization: `Bearer ${token}` }, [token], 'PROXY_TOKEN') : nothing;
}

/** GraphQL's own rule there: never Basic, and the token in a header of its own. */
export function graphqlAuth({ token, apiKey, client }: SisCredentials): SisAuth {
  if (client) return byCertificate(client, apiKey);
  return token ? byHeader({ token }, [token], 'PROXY_TOKEN') : nothing;
}

/** Codebooks and curriculum periods are open to everyone. */
export const publicAuth: SisAuth = {
  headers: {},
  client: undefined,
  secrets: [],
  advice: 'it is public and asked without credentials: check SIS_PUBLIC_URL',
};

const nothing: SisAuth = {
  ...publicAuth,
  advice: 'none were sent: set SIS_API_USER and SIS_API_PASSWORD, or PROXY_TOKEN, or KEY_PATH and CERT_PATH',
};

function byHeader(headers: SisAuth['headers'], secrets: readonly string[], settings: string): SisAuth {
  return { headers, client: undefined, secrets, advice: `check ${settings}` };
}

function byCertificate(client: ClientCertificate, apiKey: string | undefined): SisAuth {
  if (!apiKey) return { headers: {}, client, secrets: [], advice: 'check KEY_PATH and CERT_PATH' };
  return {
    headers: { 'x-api-key': apiKey },
    client,
    secrets: [apiKey],
    advice: 'check API_KEY, KEY_PATH and CERT_PATH',
  };
}
