import { describe, expect, test } from 'vitest';
import { sourceChecks } from './source-checks.ts';
import type { SourceWorld } from './source-world.ts';

/** What every RangedSource has to keep. `openWorld` is called anew for each check. */
export function describeRangedSource(name: string, openWorld: () => Promise<SourceWorld>): void {
  describe(name, () => {
    for (const { promise, check, twins } of sourceChecks) {
      test(promise, () => inWorld(openWorld, check));
      for (const [broken, twin] of Object.entries(twins)) {
        test(`${promise}; twin: ${broken}`, () =>
          inWorld(openWorld, async (world) => {
            const outcome = await check({ ...world, ...twin(world) }).catch((thrown: unknown) => thrown);
            // Anything else would be a twin that is broken in another way than the one that is looked for.
            expect(outcome).toMatchObject({ name: 'AssertionError' });
          }));
      }
    }
  });
}

async function inWorld(
  openWorld: () => Promise<SourceWorld>,
  use: (world: SourceWorld) => Promise<void>,
): Promise<void> {
  const world = await openWorld();
  try {
    await use(world);
  } finally {
    await world.close();
  }
}
