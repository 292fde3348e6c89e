import type { Delivery } from '../sync/delivery.ts';

/**
 * A delivery that tells how many records it was given and how many of these have come to an end, confirmed or dead, as
 * the old importer counted them (systems.md 3.2).
 */
export function countedDelivery(
  delivery: Delivery,
  onProgress: (scheduled: number, updated: number) => void,
): Delivery {
  let scheduled = 0;
  let updated = 0;
  return {
    async deliver(page, fresh, signal) {
      onProgress((scheduled += fresh.length), updated);
      const refused = await delivery.deliver(page, fresh, signal);
      onProgress(scheduled, (updated += fresh.length));
      return refused;
    },
  };
}
