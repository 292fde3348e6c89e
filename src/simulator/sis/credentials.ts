import type { IncomingMessage } from 'node:http';
import { problem, type Problem } from '../problem.ts';
import type { SisAuth } from './options.ts';
import type { SisKind } from './services.ts';

/**
 * Undefined for the right credentials (systems.md 2.2), else the 401. GraphQL has rules of its own: the bearer's token may
 * come in the header `token`, and where exports ask for Basic it asks for nothing, as the old client sent it none.
 */
export function refuseSis(
  { authorization, token, 'x-api-key': apiKey }: IncomingMessage['headers'],
  kind: SisKind,
  auth: SisAuth,
): Problem | undefined {
  const isGraphql = kind === 'GRAPHQL_GRADE_SCALES';
  switch (auth.kind) {
    case 'none':
      return undefined;
    case 'basic': {
      const pair = Buffer.from(`${auth.user}:${auth.password}`).toString('base64');
      return isGraphql || authorization === `Basic ${pair}` ? undefined : unauthorized();
    }
    case 'bearer':
      if (isGraphql && token === auth.token) return undefined;
      return authorization === `Bearer ${auth.token}` ? undefined : unauthorized();
    case 'api-key':
      return apiKey === auth.key ? undefined : unauthorized();
    default:
      return auth satisfies never;
  }
}

function unauthorized(): Problem {
  return problem(401, 'Full authentication is required to access this resource.');
}
