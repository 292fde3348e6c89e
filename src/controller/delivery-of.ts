import type { Sink } from '../services/contract.ts';
import { createDelivery, type Delivery, type Processing } from '../sync/delivery.ts';
import { countedDelivery } from './counted-delivery.ts';
import type { SessionParts } from './session-contract.ts';

/** What a session takes its pages to consumers with; the old importer's counters follow it (S16). */
export function deliveryOf(
  runId: string,
  sink: Sink,
  processing: Processing | undefined,
  { service, context, outage, unconfirmed }: SessionParts,
): Delivery {
  const delivery = createDelivery({ runId, sink, outage, unconfirmed, processing });
  const keys = context.ordinalKeys;
  if (!keys) return delivery;
  return countedDelivery(delivery, (scheduled, updated) => keys.progress(service.name, scheduled, updated));
}
