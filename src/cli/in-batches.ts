/** A request to the controller must stay small. */
const mostAtOnce = 1000;

/** Does some work on many things, a thousand at a time. @returns what all of it gave */
export async function inBatches<T, R>(
  things: readonly T[],
  work: (some: readonly T[]) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let from = 0; from < things.length; from += mostAtOnce)
    results.push(...(await work(things.slice(from, from + mostAtOnce))));
  return results;
}
