import { describe, expect, test } from 'vitest';

/** One promise of a contract, in a world with the part that has to keep it. */
export interface Check<World> {
  readonly promise: string;
  readonly check: (world: World) => Promise<void>;
  /** What a broken part would do, and the world with it in place: the check has to fail there (S24). */
  readonly twins: Readonly<Record<string, (world: World) => Partial<World>>>;
}

interface Closable {
  readonly close: () => Promise<void>;
}

/** `openWorld` is called anew for each check. */
export function describeChecks<World extends Closable>(
  name: string,
  checks: readonly Check<World>[],
  openWorld: () => Promise<World>,
): void {
  describe(name, () => {
    for (const { promise, check, twins } of checks) {
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

async function inWorld<World extends Closable>(
  openWorld: () => Promise<World>,
  use: (world: World) => Promise<void>,
): Promise<void> {
  const world = await openWorld();
  try {
    await use(world);
  } finally {
    await world.close();
  }
}
