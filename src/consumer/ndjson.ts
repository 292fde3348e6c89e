import { resolve } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../model/clock.ts';
import { ConsumerError, SettingError } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import { appendLines } from './append-lines.ts';
import { readChunk } from './chunk.ts';
import { kindOf } from './kinds.ts';
import { type Attempt, createPatience } from './patience.ts';
import type { Chunk, Target } from './target.ts';

export interface NdjsonTargetOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly emit: Emit;
}

/**
 * A file with one line of JSON for each entity: `{channel, key, ordinal, documentState, entity}`. Lines are only ever
 * added, a chunk again is added again, and several processes on one machine may write to the file. It is opened for each
 * chunk, so that it can be moved away at any time. A disk that is full is waited for.
 */
export function createNdjsonTarget({ path, clock, emit }: NdjsonTargetOptions): Target {
  const file = resolve(path);
  const name = `ndjson:${path}`;
  const patience = createPatience(name, clock, emit);
  return {
    name,
    async prepare() {
      try {
        await appendLines(file, []);
      } catch (error) {
        throw new SettingError(
          `${name} cannot be written: ${messageOf(error)}`,
          'Name a file in a folder that is there and that this user may write to.',
          error,
        );
      }
    },
    async store(chunk, signal) {
      const lines = linesOf(chunk);
      if (lines.length === 0) return;
      await patience.wait(signal, async (): Promise<Attempt<void>> => {
        try {
          return { kind: 'done', value: await appendLines(file, lines) };
        } catch (error) {
          const hint = 'Look for a full disk, or for who took the folder away.';
          const message = `${name} cannot be written: ${messageOf(error)}`;
          return {
            kind: 'away',
            error: new ConsumerError(message, { code: 'consumer.away', recovery: 'retry', hint }),
          };
        }
      });
    },
    close: () => Promise.resolve(),
  };
}

const anySchema = z.object({
  id: z.string().nullable().catch(null),
  documentState: z.string().nullable().catch(null),
  metadata: z.object({ modificationOrdinal: z.int() }).nullable().catch(null),
});

/** Of a channel that is none of SISU's, whatever of the three it has; nothing of it is refused. */
function linesOf({ channel, entities }: Chunk): string[] {
  const kind = kindOf(channel);
  if (kind)
    return readChunk(kind, entities).map(({ key, ordinal, state, json }) => {
      const [first, ...others] = key;
      return line({ channel, key: others.length === 0 ? first : key, ordinal, documentState: state }, json);
    });
  return entities.map((entity) => {
    const { id, documentState, metadata } = anySchema.catch(nothing).parse(entity);
    const ordinal = metadata?.modificationOrdinal ?? null;
    return line({ channel, key: id, ordinal, documentState }, JSON.stringify(entity));
  });
}

const nothing = { id: null, documentState: null, metadata: null };

function line(facts: object, entity: string): string {
  return `${JSON.stringify(facts).slice(0, -1)},"entity":${entity}}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
