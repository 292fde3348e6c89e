import { problem, type Problem } from './problem.ts';

/** Undefined for HTTP Basic with any user name and the key as password (apis.md 1.1); else the 401. */
export function refuse(authorization: string | undefined, apiKey: string): Problem | undefined {
  if (authorization === undefined) {
    return { status: 401, title: 'API Key Missing', detail: 'Your request did not include an API key.' };
  }
  const [scheme = '', encoded = ''] = authorization.split(' ');
  const pair = Buffer.from(encoded, 'base64').toString();
  const password = pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : '';
  return scheme.toLowerCase() === 'basic' && password === apiKey ? undefined : problem(401);
}
