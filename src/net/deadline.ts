/**
 * Runs `work` under a signal that aborts with any of `signals`, and rejects with an AbortError when one did, whatever
 * `work` made of it. Nothing stays attached to them afterwards, so they may live as long as the process.
 */
export async function withSignals<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  throwIfAborted(signals);
  const own = new AbortController();
  const stop = (): void => own.abort();
  for (const signal of signals) signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(own.signal);
  } catch (error) {
    throwIfAborted(signals);
    throw error;
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', stop);
  }
}

/**
 * The same with a time limit: rejects with a TimeoutError after `ms` milliseconds.
 * Real time on purpose, no clock passed in: it guards a real socket.
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  try {
    return await withSignals([signal, late.signal], work);
  } catch (error) {
    if (signal.aborted || !late.signal.aborted) throw error;
    throw new DOMException(`no complete answer within ${ms / 1000} s`, 'TimeoutError');
  } finally {
    clearTimeout(timer);
  }
}

/** The AbortError for a signal, whatever reason it was aborted with. */
export function abortError(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === 'AbortError') return reason;
  const error = new Error('The operation was aborted', { cause: reason });
  error.name = 'AbortError';
  return error;
}

function throwIfAborted(signals: readonly AbortSignal[]): void {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted) throw abortError(aborted);
}
