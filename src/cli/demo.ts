import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from './arguments.ts';
import type { CliContext } from './context.ts';
import { runController } from './go.ts';
import { demoUsage } from './usage/go.ts';

/** `demo`: `go` on a folder that is thrown away afterwards, with the queue in the process. Touches nothing of yours. */
export async function demo(context: CliContext): Promise<number> {
  const { values } = readArguments(context, demoUsage.options);
  const folder = mkdtempSync(join(context.temporary, 'sluice-demo-'));
  try {
    return await runController(context, {
      folder,
      env: { QUEUE_URL: 'embedded:' },
      json: values.json,
      plain: values.plain,
      ascii: values.ascii,
      once: values.once,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
