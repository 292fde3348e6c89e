import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `condition` returns something truthy and returns it; throws after `ms` milliseconds (10 s).
 * An error thrown by the condition counts as "not yet" and is the cause of the final one.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { ms = 10_000, every = 10, what = 'the condition' }: { ms?: number; every?: number; what?: string } = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + ms;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${ms} ms`, { cause });
    await delay(every);
  }
}
