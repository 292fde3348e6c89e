import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Clock } from '../../model/clock.ts';
import type { SluiceEvent } from '../../model/events.ts';
import type { Probe } from '../../model/probe.ts';
import type { CliContext } from '../context.ts';
import { runController, type Wrapping } from '../go.ts';
import { type Job, jobSchema, type Passing, type Report } from './job.ts';
import { prefixedQueues, probingCatalogue } from './probing.ts';

export interface ChildOptions {
  readonly context: CliContext;
  /** Ends this process as a loss of power would; does not return. */
  readonly die: () => void;
  /** Parts to swap in, for twins; the fail points are around them. */
  readonly twin?: (probe: Probe) => Wrapping;
}

/**
 * A process under test: reads its job from standard input, runs the program with it, and kills itself at the moment the
 * job names. Ends at once when the process that started it is gone. @returns the program's exit code
 */
export async function runChild({ context, die, twin = () => ({}) }: ChildOptions): Promise<number> {
  const input = new Socket({ fd: 0 });
  const job = await readJob(input);
  const passed = new Map<string, number>();
  const listeners = new Set<(signal: string) => void>();
  const tellPassed = (killed: boolean): void =>
    report({ type: 'passed', points: [...passed.keys()], killed });
  const probe: Probe = (point) => {
    const passing = (passed.get(point) ?? 0) + 1;
    passed.set(point, passing);
    if (job.quits && point === 'page.confirmed' && passed.has('chunk.add.after')) askToQuit();
    if (!isNow(job.kill, point, passing)) return;
    tellPassed(true);
    die();
  };
  let isAsked = false;
  const askToQuit = (): void => {
    // A second request would force it.
    if (isAsked) return;
    isAsked = true;
    for (const quit of listeners) quit('SIGTERM');
  };
  const clock: Clock = { ...context.clock, now: () => context.clock.now() + job.aheadMs };
  const twinned = twin(probe);
  const code = await runController(
    {
      ...context,
      clock,
      // A ctrl-C at the terminal is for the process that started this one.
      onSignal(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      openViews: () =>
        Promise.resolve({
          show(event) {
            tell(event);
            // The program says what happens; each word is a fail point too: `page.confirmed`, `quit.requested` ...
            probe(event.type);
          },
          attach: () => {},
          isLent: () => false,
          close: () => Promise.resolve(),
        }),
    },
    { folder: job.folder, env: job.env, json: true, plain: true, ascii: true, once: true },
    {
      probe,
      ...twinned,
      catalogue: (catalogue) =>
        probingCatalogue(twinned.catalogue?.(catalogue) ?? catalogue, {
          probe,
          onChunks: (ids) => report({ type: 'chunks', ids: [...ids] }),
          onRun: (id) => report({ type: 'run', id }),
          unconsumed: job.unconsumed,
          loseReplyEvery: job.loseReplyEvery,
          clock,
        }),
      queue: (queue) => prefixedQueues(twinned.queue?.(queue) ?? queue, job.queuePrefix),
    },
  );
  tellPassed(false);
  return code;

  async function readJob(socket: Socket): Promise<Job> {
    const line = Promise.withResolvers<string>();
    let received = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      received += part;
      const [first, rest] = received.split('\n', 2);
      if (rest !== undefined && first !== undefined) line.resolve(first);
    });
    socket.once('close', die);
    const found = jobSchema.parse(JSON.parse(await line.promise));
    socket.unref();
    return found;
  }
}

/** Whether this passing of a point is the moment. */
function isNow(moment: Passing | undefined, point: string, passing: number): boolean {
  return moment?.point === point && moment.passing === passing;
}

function tell(event: SluiceEvent): void {
  switch (event.type) {
    case 'run.finished':
      return report({ type: 'finished', run: event.runId, published: event.totals.published });
    case 'run.failed':
      return report({ type: 'trouble', message: event.error.message });
    case 'run.cancelled':
      return report({ type: 'trouble', message: `the run was cancelled: ${event.reason}` });
    case 'entry.invalid':
      return report({ type: 'trouble', message: event.problem.message });
    case 'notice':
      if (event.level !== 'info') report({ type: 'trouble', message: event.message });
      return;
    default:
      return;
  }
}

/** Straight to the pipe: what is told before a kill arrives. */
function report(what: Report): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}
