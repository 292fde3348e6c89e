/** What the program does next about an error: try again, leave this record out, stop the entry, or wait for a person to change a setting. */
export type Recovery = 'retry' | 'skip' | 'stop' | 'config';

export interface ErrorDetails {
  /** Stable machine name, `area.what`, for example `source.unauthorized`. */
  readonly code: string;
  readonly recovery: Recovery;
  /** One sentence that tells a person what to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The base of every error Sluice raises on purpose. `message` says what happened, `hint` what to do. */
export class SluiceError extends Error {
  readonly code: string;
  readonly recovery: Recovery;
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.recovery = details.recovery;
    this.hint = details.hint;
  }
}

/** A setting, environment variable or argument that cannot be used. Exit code 2. */
export class SettingError extends SluiceError {
  constructor(message: string, hint: string | undefined, cause?: unknown) {
    super(message, {
      code: 'setting.invalid',
      recovery: 'config',
      ...(hint === undefined ? {} : { hint }),
      cause,
    });
  }
}

/** A command that is not written as it must be. What else there is to know, its `--help` says. */
export class UsageError extends SettingError {}

/** `state.json` or its folder cannot be read or written. Exit code 2 when it happens at a start. */
export class StateError extends SluiceError {}

/** Another process holds the state folder. Exit code 3. */
export class LockedError extends SluiceError {
  constructor(message: string, hint: string) {
    super(message, { code: 'state.locked', recovery: 'stop', hint });
  }
}

/** A source answered wrongly or not at all. */
export class SourceError extends SluiceError {}

/** A queue refused or did not answer. With recovery `retry` the outcome is unknown: publish the same ids again. */
export class QueueError extends SluiceError {}

/** A run ended without moving the cursor for a reason that is neither the source's nor the queue's. */
export class RunError extends SluiceError {}

/** A consumer could not store a chunk, or cannot store any. */
export class ConsumerError extends SluiceError {}

/**
 * Any thrown value as a SluiceError.
 * An unknown throw is a defect or something of the platform's; it is worth another try at most.
 */
export function asSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SluiceError(message, { code: 'unexpected', recovery: 'retry', cause: thrown });
}

/** Whether a throw is only the echo of an abort signal and needs no report of its own. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}
