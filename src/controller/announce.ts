import { asSluiceError, isAbort } from '../model/errors.ts';
import type { Emit } from '../model/events.ts';
import { type Job, passQueue } from '../model/queues.ts';
import type { ServiceContext } from '../services/contract.ts';
import type { Outage } from '../sync/outage.ts';

/** Tells consumers that a pass is over (S16). */
export interface Announcer {
  /** Puts the job into `passQueue`, behind the caller's back. Consumers that miss it hear of the next pass. */
  publish(job: Job): void;
  /** Resolves when nothing is on its way any more. Never rejects. */
  settled(): Promise<void>;
}

/** @param signal ends what still waits for the queue */
export function createAnnouncer(
  { queue }: Pick<ServiceContext, 'queue'>,
  outage: Outage,
  emit: Emit,
  signal: AbortSignal,
): Announcer {
  const underWay = new Set<Promise<void>>();
  const send = async (job: Job): Promise<void> => {
    try {
      await outage.ride((inner) => queue.queue(passQueue).add([job], inner), signal);
    } catch (error) {
      if (isAbort(error)) return;
      const message = `${job.name} could not be published: ${asSluiceError(error).message}`;
      emit({ type: 'notice', level: 'warn', topic: 'queue', message });
    }
  };
  return {
    publish(job) {
      const sending = send(job).finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}
