import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { SettingError } from '../model/errors.ts';
import type { Target } from './target.ts';

/**
 * What a module for `--to module:FILE` exports: `handle`, or a default, and `close` if it has something to close.
 * `handle` gets a job's content as it was published and resolves when that is durable; what it throws fails the job,
 * with the error's message as the reason. There is no deadline but `signal`: the job is kept for as long as it takes.
 */
export type Handle = (
  chunk: readonly unknown[],
  context: { readonly channel: string; readonly signal: AbortSignal },
) => unknown;

/** A JavaScript module of the user's own, loaded by `prepare`. `path` counts from the current folder. */
export function createModuleTarget(path: string): Target {
  const name = `module:${path}`;
  let loaded: z.output<typeof moduleSchema> | undefined;
  let closing: Promise<void> | undefined;
  return {
    name,
    async prepare() {
      loaded = await load(path, name);
    },
    async store({ channel, entities }, signal) {
      await loaded?.handle(entities, { channel, signal });
    },
    close: () => (closing ??= close()),
  };

  async function close(): Promise<void> {
    try {
      await loaded?.close?.();
    } catch {
      // Nothing depends on it any more: every chunk it took is confirmed or comes again.
    }
  }
}

const functionSchema = z.custom<(...args: readonly unknown[]) => unknown>(
  (value) => typeof value === 'function',
);

const moduleSchema = z
  .object({
    default: functionSchema.optional(),
    handle: functionSchema.optional(),
    close: functionSchema.optional(),
  })
  .transform((exported, context) => {
    const handle = exported.handle ?? exported.default;
    if (handle) return { handle: handle satisfies Handle, close: exported.close };
    context.addIssue('no function handle or default');
    return z.NEVER;
  });

async function load(path: string, name: string): Promise<z.output<typeof moduleSchema>> {
  const exported = await importModule(path, name);
  const parsed = moduleSchema.safeParse(exported);
  if (parsed.success) return parsed.data;
  throw new SettingError(
    `${name} exports no function to hand chunks to`,
    'It needs: export async function handle(chunk, { channel, signal }) { ... }, or a default export of that kind.',
  );
}

async function importModule(path: string, name: string): Promise<unknown> {
  try {
    const exported: unknown = await import(pathToFileURL(resolve(path)).href);
    return exported;
  } catch (error) {
    throw new SettingError(
      `${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      'Name an ES module (.mjs, or .js with "type": "module" beside it), from the current folder.',
      error,
    );
  }
}
