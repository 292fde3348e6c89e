import { describe, expect, test } from 'vitest';
import {
  asSluiceError,
  isAbort,
  LockedError,
  QueueError,
  RunError,
  SettingError,
  SluiceError,
  SourceError,
  StateError,
} from '../../src/model/errors.ts';

const details = { code: 'area.what', recovery: 'retry', hint: 'do this', cause: new Error('below') } as const;

describe('an error', () => {
  test.each([StateError, SourceError, QueueError, RunError])(
    'says what happened and what to do: %o',
    (Kind) => {
      const error = new Kind('it happened', details);
      expect(error).toBeInstanceOf(SluiceError);
      expect(error).toMatchObject({ ...details, message: 'it happened', name: Kind.name });
    },
  );

  test('of a setting or a lock knows its own code and recovery', () => {
    expect(new SettingError('bad', 'write it so')).toMatchObject({
      code: 'setting.invalid',
      recovery: 'config',
      hint: 'write it so',
    });
    expect(new LockedError('held', 'stop it')).toMatchObject({ code: 'state.locked', recovery: 'stop' });
  });

  test('without a cause has none, not an undefined one', () => {
    expect('cause' in new RunError('x', { code: 'a.b', recovery: 'stop' })).toBe(false);
  });
});

describe('anything thrown', () => {
  test('becomes an error of ours that keeps it as the cause', () => {
    const thrown = new TypeError('x is not a function');
    expect(asSluiceError(thrown)).toMatchObject({
      message: thrown.message,
      recovery: 'retry',
      cause: thrown,
    });
    expect(asSluiceError('just text')).toMatchObject({ message: 'just text', code: 'unexpected' });
    expect(asSluiceError(undefined).message).toBe('undefined');
  });

  test('that is ours already stays itself', () => {
    const error = new SourceError('x', details);
    expect(asSluiceError(error)).toBe(error);
  });

  test('is an abort when a signal made it, and not otherwise', () => {
    expect(isAbort(AbortSignal.abort().reason)).toBe(true);
    expect(isAbort(AbortSignal.timeout(0).reason)).toBe(false);
    expect(isAbort(new Error('AbortError'))).toBe(false);
    expect(isAbort('AbortError')).toBe(false);
  });
});
