import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import type { SourceRecord } from '../../src/model/record.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import { createCatalogue } from '../../src/services/catalogue.ts';
import type { OpenedSource } from '../../src/services/contract.ts';
import type { SisOptions } from '../../src/simulator/sis/options.ts';
import { type SisSimulator, startSis } from '../../src/simulator/sis/sis.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5000);

/** The source of a service, closed when the test is over. @param clock by which failed requests are waited for */
export async function openSisu(
  service: string,
  env: Readonly<Record<string, string | undefined>>,
  clock = systemClock,
): Promise<OpenedSource> {
  const client = createHttpClient({ clock, random: () => 0, emit: () => {} });
  onTestFinished(() => client.close());
  const entry = { service };
  const quotas = createQuotas({ clock });
  return await createCatalogue().of(entry).openSource(entry, { env, client, quotas });
}

/** All that a source of SISU has. */
export async function everything(opened: OpenedSource, limit = 1000): Promise<readonly SourceRecord[]> {
  switch (opened.kind) {
    case 'chained': {
      const records: SourceRecord[] = [];
      for (let after = 0, more = true; more;) {
        const page = await opened.source.read({ after, limit }, soon());
        records.push(...page.records);
        after = page.next;
        more = page.hasMore;
      }
      return records;
    }
    case 'whole':
      return (await opened.source.read(soon())).records;
    case 'ranged':
      throw new Error('not of SISU');
    default:
      return opened satisfies never;
  }
}

export async function startUniversity(options: SisOptions = {}): Promise<SisSimulator> {
  const simulator = await startSis(options);
  onTestFinished(() => simulator.close());
  return simulator;
}

export function addresses({ url, publicUrl }: SisSimulator): Record<string, string> {
  return { SIS_API_URL: url, SIS_PUBLIC_URL: publicUrl };
}
