import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { until } from '../support/until.ts';
import { outputOf, startChild } from './children.ts';

export interface Simulator {
  readonly url: string;
  readonly apiKey: string;
  readonly pid: number;
  /** How long the JSON of a member is on average. */
  readonly memberBytes: number;
  readonly close: () => Promise<void>;
}

const answer = z.object({ url: z.string(), apiKey: z.string(), memberBytes: z.number() });

/** Starts a simulated Mailchimp in another process and waits until it has made all its members. */
export async function startSimulator(
  lists: Readonly<Record<string, number>>,
  latencyMs = 0,
): Promise<Simulator> {
  const script = fileURLToPath(new URL('mailchimp-process.ts', import.meta.url));
  const child = startChild(process.execPath, [script, JSON.stringify({ lists, latencyMs })]);
  const ready = () => child.stdout().includes('\n') || child.hasEnded();
  await until(ready, { ms: 60_000, what: 'the start of the simulator' });
  const line = child.hasEnded() ? await outputOf(child, 'the simulator') : child.stdout();
  return { ...answer.parse(JSON.parse(line)), pid: child.pid, close: () => child.end() };
}
