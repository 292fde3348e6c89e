import { SettingError } from '../model/errors.ts';
import { type BullmqSinkOptions, createBullmqSink } from './bullmq.ts';
import type { Sink } from './contract.ts';

/** What an entry's `sink` may name. A new sink is one line here. */
const sinks = { bullmq: createBullmqSink } as const satisfies Record<
  string,
  (options: BullmqSinkOptions) => Sink
>;

export const sinkNames: readonly string[] = Object.keys(sinks);

/** The sink an entry names, `bullmq` by default. Throws a SettingError for a name that is not in `sinkNames`. */
export function createSink(name: string | undefined, options: BullmqSinkOptions): Sink {
  const create = new Map(Object.entries(sinks)).get(name ?? 'bullmq');
  if (create) return create(options);
  throw new SettingError(`There is no sink "${name}"`, `Known sinks: ${sinkNames.join(', ')}.`);
}
