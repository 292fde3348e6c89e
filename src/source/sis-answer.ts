import type { z } from 'zod';
import { SourceError } from '../model/errors.ts';
import { printable } from '../net/printable.ts';

/** An answer of SISU that is something else than expected: what was asked for, and where it went wrong. */
export function unlike(expected: string, what: string | z.ZodError): SourceError {
  const where = typeof what === 'string' ? what : firstIssue(what);
  return new SourceError(`SISU answered something else than ${expected}: ${where}`, {
    code: 'source.invalid',
    recovery: 'retry',
    hint: 'check the address; if it is right, the API has changed and Sluice has to be adapted',
  });
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).join('.');
  return `${path === '' ? 'the answer' : path}: ${printable(issue?.message ?? 'not as expected', 200)}`;
}
