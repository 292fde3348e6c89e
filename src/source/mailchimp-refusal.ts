import { z } from 'zod';
import { SluiceError, SourceError, asSluiceError } from '../model/errors.ts';
import { printable } from '../net/printable.ts';
import type { Redact } from '../net/redact.ts';
import type { Answer } from '../net/request.ts';

// application/problem+json (apis.md 1.4). Nothing depends on it but the wording.
const problemShape = z.object({
  title: z.string().catch(''),
  detail: z.string().catch(''),
});

export interface RefusalContext {
  readonly listId: string;
  /** The setting the key came from. */
  readonly keyName: string;
  readonly redact: Redact;
}

/** What a status other than 200 means for a person. */
export function refusal(answer: Answer, { listId, keyName, redact }: RefusalContext): SourceError {
  const problem = problemShape.safeParse(answer.json);
  const said = problem.success ? [problem.data.title, problem.data.detail] : [];
  const told = said.map((text) => printable(redact(text))).filter((text) => text !== '');
  const words = told.length === 0 ? '' : `: ${told.join(': ')}`;
  switch (answer.status) {
    case 401:
      return new SourceError(`Mailchimp does not accept the key${words}`, {
        code: 'source.unauthorized',
        recovery: 'config',
        hint: `check ${keyName}`,
      });
    case 403:
      return new SourceError(`Mailchimp forbids it${words}`, {
        code: 'source.forbidden',
        recovery: 'stop',
        hint: `check that the account of ${keyName} is active, may read lists, and that the data centre is its own`,
      });
    case 404:
      return new SourceError(`no list "${listId}" in this account${words}`, {
        code: 'source.not_found',
        recovery: 'config',
        hint: problem.success ? 'check list_id' : 'check list_id, and MAILCHIMP_URL if you set it',
      });
    case 400:
    case 414:
    case 422:
      return new SourceError(`Mailchimp rejects the request${words}`, {
        code: 'source.rejected',
        recovery: 'stop',
        hint: 'this is likely a defect of Sluice or a change of the API; the cursor has not moved',
      });
    default:
      return new SourceError(`Mailchimp answered with status ${answer.status}${words}`, {
        code: 'source.unexpected',
        recovery: 'retry',
        hint: 'check MAILCHIMP_URL if you set it',
      });
  }
}

/** A failure of the HTTP client as the source's own. */
export function outage(thrown: unknown): SourceError {
  if (thrown instanceof SourceError) return thrown;
  const { message, code, recovery, hint, cause } = asSluiceError(thrown);
  return new SourceError(message, {
    code: code.replace(/^net\./, 'source.'),
    recovery,
    ...(hint === undefined ? {} : { hint }),
    cause: thrown instanceof SluiceError ? cause : thrown,
  });
}
