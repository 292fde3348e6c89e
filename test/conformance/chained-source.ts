import { chainedSourceChecks } from './chained-source-checks.ts';
import type { ChainedSourceWorld } from './chained-source-world.ts';
import { describeChecks } from './describe-checks.ts';

/** What every ChainedSource has to keep. `openWorld` is called anew for each check. */
export function describeChainedSource(name: string, openWorld: () => Promise<ChainedSourceWorld>): void {
  describeChecks(name, chainedSourceChecks, openWorld);
}
