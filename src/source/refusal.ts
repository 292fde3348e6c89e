import { z } from 'zod';
import { SluiceError, SourceError, asSluiceError } from '../model/errors.ts';
import { printable } from '../net/printable.ts';
import type { Redact } from '../net/redact.ts';
import type { Answer } from '../net/request.ts';

// application/problem+json (apis.md 1.4) and the error bodies of Spring. Nothing depends on it but the wording.
const words = z.string().catch('');
const problemShape = z.object({ title: words, detail: words, error: words, message: words });

/** How one source speaks about its refusals. */
export interface RefusalWords {
  /** Who refuses: `Mailchimp`. */
  readonly system: string;
  /** What status 401 says: the end of "Mailchimp does not accept ...". */
  readonly credential: string;
  readonly redact: Redact;
  readonly hints: {
    readonly unauthorized: string;
    readonly forbidden: string;
    /** @param explained whether the answer was a document that says what is wrong, and so came from the system itself */
    readonly notFound: (explained: boolean) => string;
    readonly unexpected: string;
  };
  /** What status 404 says, without a full stop. */
  readonly notFound: string;
}

/** What a status other than 200 means for a person. The cursor never moves for any of them. */
export function refusal(
  answer: Answer,
  { system, credential, redact, hints, notFound }: RefusalWords,
): SourceError {
  const problem = problemShape.safeParse(answer.json);
  const said = problem.success ? Object.values(problem.data) : [];
  const told = said.map((text) => printable(redact(text))).filter((text) => text !== '');
  const reason = told.length === 0 ? '' : `: ${told.join(': ')}`;
  switch (answer.status) {
    case 401:
      return new SourceError(`${system} does not accept ${credential}${reason}`, {
        code: 'source.unauthorized',
        recovery: 'config',
        hint: hints.unauthorized,
      });
    case 403:
      return new SourceError(`${system} forbids it${reason}`, {
        code: 'source.forbidden',
        recovery: 'stop',
        hint: hints.forbidden,
      });
    case 404:
      return new SourceError(`${notFound}${reason}`, {
        code: 'source.not_found',
        recovery: 'config',
        hint: hints.notFound(problem.success),
      });
    case 400:
    case 414:
    case 422:
      return new SourceError(`${system} rejects the request${reason}`, {
        code: 'source.rejected',
        recovery: 'stop',
        hint: 'this is likely a defect of Sluice or a change of the API; the cursor has not moved',
      });
    default:
      return new SourceError(`${system} answered with status ${answer.status}${reason}`, {
        code: 'source.unexpected',
        recovery: 'retry',
        hint: hints.unexpected,
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
