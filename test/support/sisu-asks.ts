import { tmpdir } from 'node:os';
import { z } from 'zod';
import { askController, type Question } from '../../src/control/client.ts';
import { answerSchema } from '../../src/control/messages.ts';
import { socketPath } from '../../src/control/socket-path.ts';
import type { PersonCommand } from '../../src/model/commands.ts';
import { until } from './until.ts';

/** What a person asks of the controller that runs on a folder, by its control socket. */
export interface Asks {
  command(command: PersonCommand): Promise<void>;
  status(): Promise<readonly Status[]>;
  /** How many jobs wait in a queue. */
  waiting(queue: string): Promise<number>;
  /** Resolves when nothing runs, is due or has failed; runs that failed are asked for again, as a person would. */
  rest(ms: number): Promise<void>;
  /** Runs all services once, as `r` does, and resolves when every one of them has completed a run since. */
  pass(ms: number): Promise<void>;
}

export type Status = z.infer<typeof statusSchema>[number];

const statusSchema = z.array(
  z.object({
    id: z.string(),
    state: z.string(),
    cursor: z.union([z.string(), z.number(), z.null()]),
    lastRun: z.object({ started: z.string(), read: z.number(), published: z.number() }).nullable(),
    cause: z.string().nullable(),
  }),
);

const queuesSchema = z.array(z.object({ name: z.string(), waiting: z.number() }));

export function asksOf(folder: string): Asks {
  const at = socketPath(folder, tmpdir(), process.getuid?.() ?? 0);
  const ask = async <T>(question: Question<T>): Promise<T> => {
    const answer = await askController(at, question);
    if (answer === undefined) throw new Error('no controller runs');
    return answer;
  };
  const asks: Asks = {
    async command(command) {
      const answer = await ask({ path: '/command', body: command, answer: answerSchema });
      if (!answer.done) throw new Error(answer.message);
    },
    status: () => ask({ path: '/status', answer: statusSchema }),
    async waiting(queue) {
      const queues = await ask({ path: '/queues', answer: queuesSchema });
      return queues.find(({ name }) => name === queue)?.waiting ?? 0;
    },
    async rest(ms) {
      await until(
        async () => {
          const status = await asks.status();
          for (const { id, state } of status) if (state === 'failed') await asks.command({ type: 'run', id });
          const busy = status.filter(({ state }) => state !== 'ok');
          if (busy.length > 0)
            throw new Error(busy.map(({ id, state, cause }) => `${id} ${state} ${cause}`).join('; '));
          return true;
        },
        { ms, every: 200, what: 'a controller at rest' },
      );
    },
    async pass(ms) {
      const asked = new Date().toISOString();
      await asks.command({ type: 'run', id: 'sisu' });
      await until(
        async () => {
          const status = await asks.status();
          return status.every(({ state, lastRun }) => state === 'ok' && (lastRun?.started ?? '') >= asked);
        },
        { ms, every: 100, what: 'the end of a pass' },
      );
    },
  };
  return asks;
}
