import { describeChecks } from './describe-checks.ts';
import { sourceChecks } from './source-checks.ts';
import type { SourceWorld } from './source-world.ts';

/** What every RangedSource has to keep. `openWorld` is called anew for each check. */
export function describeRangedSource(name: string, openWorld: () => Promise<SourceWorld>): void {
  describeChecks(name, sourceChecks, openWorld);
}
