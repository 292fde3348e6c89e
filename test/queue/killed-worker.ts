import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Job } from '../../src/model/queues.ts';
import { LOCK_MS } from '../conformance/queue-check.ts';

const program = fileURLToPath(new URL('hold-job.ts', import.meta.url));

/** Adds a job and has a process take it, which is then killed as by a power cut. */
export async function killWorkerOf(url: string, folder: string, queue: string, job: Job): Promise<void> {
  const told = [url, folder, String(LOCK_MS), queue, job.id, job.name, JSON.stringify(job.data)];
  const child = spawn(process.execPath, [program, ...told], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const gone = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    gone.then(() => {
      throw new Error('the worker ended before it took a job');
    }),
  ]);
  child.kill('SIGKILL');
  await gone;
}
