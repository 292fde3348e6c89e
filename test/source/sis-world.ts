import { type HttpClient, createHttpClient } from '../../src/net/client.ts';
import { createQuotas } from '../../src/net/quota.ts';
import type { SisConnection } from '../../src/source/sis-ask.ts';
import { exportAuth } from '../../src/source/sis-auth.ts';
import { createSisExportSource } from '../../src/source/sis-export.ts';
import type { ChainedSource } from '../../src/source/contract.ts';
import { faultParser } from '../../src/simulator/parse-fault.ts';
import { sisKinds } from '../../src/simulator/sis/services.ts';
import { startSis } from '../../src/simulator/sis/sis.ts';
import type { ChainedSourceWorld } from '../conformance/chained-source-world.ts';
import { createRecordingClock } from '../net/recording-clock.ts';
import { json, startScriptedServer, text } from '../net/scripted-server.ts';

const parseFault = faultParser(sisKinds);

/** The export source over 300 simulated persons, for the conformance suite. */
export async function openSisWorld(): Promise<ChainedSourceWorld> {
  const token = 'the-right-token';
  const secret = 'a-Secret-0123456789';
  const simulator = await startSis({
    entities: { PERSON: 300, LOCATION: 10 },
    auth: { kind: 'bearer', token },
    forbidden: ['LOCATION'],
    now: () => Date.now() + 3 * 86_400_000,
    shortPages: 3,
    emptyPages: 4,
  });
  const records = [...simulator.newest('PERSON')].map(({ key, ordinal }) => ({
    key: key.join(),
    version: ordinal,
  }));
  const keyless = await startScriptedServer(
    json({ entities: [{ metadata: { modificationOrdinal: 7 } }], hasMore: false, greatestOrdinal: 9 }),
  );
  // One more than can be held, which JSON.parse makes 2^53 of.
  const unsafe = await startScriptedServer(
    text('{ "entities": [], "hasMore": true, "greatestOrdinal": 9007199254740993 }'),
  );
  const clock = createRecordingClock();
  const client = createHttpClient({ clock, random: () => 0, emit: () => undefined });
  const quotas = createQuotas({ clock });

  const source = (options: Partial<SisConnection> = {}, resource = 'ori/api/persons'): ChainedSource => {
    const auth = exportAuth({ token });
    const base = { base: new URL(simulator.url), baseSetting: 'SIS_API_URL', auth, client, quotas };
    return createSisExportSource({
      connection: { ...base, ...options },
      path: `/${resource}/v1/export`,
      keyFields: ['id'],
    });
  };

  return {
    source: source(),
    sibling: (quota) => source(quota === 'shared' ? {} : { quotas: createQuotas({ clock }) }),
    impatient: source({ client: hurried(client) }),
    unauthorized: source({ auth: exportAuth({ token: secret }) }),
    secret,
    forbidden: source({}, 'kori/api/locations'),
    keyless: source({ base: keyless.url }),
    unsafe: source({ base: unsafe.url }),
    records,
    now: () => simulator.now(),
    limit: 10,
    busiest: () => simulator.requests.greatestOpen,
    open: () => simulator.requests.open,
    slowDown: (ms) => simulator.setLatency(ms),
    breakAnswers: (times) => simulator.setFaults([parseFault(`truncate:times=${times}`)]),
    hang: () => simulator.setFaults([parseFault('hang')]),
    close: async () => {
      await client.close();
      await Promise.all([simulator, keyless, unsafe].map((server) => server.close()));
    },
  };
}

/** The same client with a tenth of a second in place of every deadline; without one it does not ask. */
function hurried(client: HttpClient): HttpClient {
  return {
    ...client,
    get: (url, options) =>
      options.deadlineMs === undefined
        ? Promise.reject(new Error('no deadline'))
        : client.get(url, { ...options, deadlineMs: 50 }),
  };
}
