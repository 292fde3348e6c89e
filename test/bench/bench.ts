import type { Figure } from './figure.ts';
import type { RedisServer } from './redis.ts';
import type { Template } from './template.ts';

/** The queue a run publishes to. */
export type Store = 'Redis' | 'embedded';

/** What every measurement is handed. */
export interface Bench {
  readonly rounds: number;
  readonly redis: RedisServer;
  readonly template: Template;
  /** How long idle processes are looked at. */
  readonly idleSeconds: number;
  /** Tells a person what goes on; not part of the report. */
  readonly say: (text: string) => void;
}

export type Measurement = (bench: Bench) => Promise<readonly Figure[]>;

/** Runs `work` once a round, one after the other, and says which round it is. */
export async function rounds<T>(
  { rounds: count, say }: Bench,
  what: string,
  work: (round: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (let round = 1; round <= count; round += 1) {
    say(`${what}: round ${round} of ${count}`);
    results.push(await work(round));
  }
  return results;
}
