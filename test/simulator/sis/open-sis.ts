import { onTestFinished } from 'vitest';
import type { SisOptions } from '../../../src/simulator/sis/options.ts';
import { startSis, type SisSimulator } from '../../../src/simulator/sis/sis.ts';

export const start = Date.UTC(2026, 10, 21, 12);

/** A simulator with a clock that stands, until it is advanced; closed at the end of the test. */
export async function openSis(options: SisOptions = {}): Promise<SisSimulator> {
  const simulator = await startSis({ now: () => start, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}
