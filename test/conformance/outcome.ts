import { type SluiceError, SourceError } from '../../src/model/errors.ts';

/** `work`, or a failure when it takes longer than `ms`. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(ms);
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      late.addEventListener('abort', () => reject(new Error(`not done within ${ms} ms`)));
    }),
  ]);
}

/** Message, stack and hint of an error and of all its causes. */
export function everythingSaidBy(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { hint = '' }: Partial<Pick<SluiceError, 'hint'>> = error instanceof SourceError ? error : {};
  return [error.message, error.stack, hint, everythingSaidBy(error.cause)].join('\n');
}
