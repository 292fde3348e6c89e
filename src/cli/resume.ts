import type { CliContext } from './context.ts';
import { pauseOrResume } from './pause.ts';

/** `resume ENTRY...` or `resume --all`: what was paused goes on. */
export async function resume(context: CliContext): Promise<number> {
  return await pauseOrResume(context, 'resume');
}
