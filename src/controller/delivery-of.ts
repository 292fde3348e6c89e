import type { Sink } from '../services/contract.ts';
import { createDelivery, type Delivery, type Processing } from '../sync/delivery.ts';
import { countedDelivery } from './counted-delivery.ts';
import type { SessionParts } from './session-contract.ts';

/** What a session takes its pages to consumers with; the old importer's counters follow it (S16). */
export function deliveryOf(
  runId: string,
  sink: Sink,
  processing: Processing | undefined,
  { service, context, store, outage, unconfirmed }: SessionParts,
): Delivery {
  const delivery = overtaking(createDelivery({ runId, sink, outage, unconfirmed, processing }), (keys) =>
    store.deadLetters.overtake(sink.place, keys),
  );
  const keys = context.ordinalKeys;
  if (!keys) return delivery;
  return countedDelivery(delivery, (scheduled, updated) => keys.progress(service.name, scheduled, updated));
}

/** First it is noted: a kill in between must not leave a letter that seems to be the newest of its record. */
function overtaking(delivery: Delivery, note: (keys: readonly string[]) => void): Delivery {
  return {
    deliver(page, fresh, signal) {
      note(fresh.flatMap(({ key }) => key ?? []));
      return delivery.deliver(page, fresh, signal);
    },
  };
}
