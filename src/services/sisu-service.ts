import type { Entry } from '../model/entry.ts';
import { createTraffic } from '../net/traffic.ts';
import { createSink } from '../sink/registry.ts';
import { createSisExportSource } from '../source/sis-export.ts';
import { createCodebookSource, createGradeScalesSource, createPeriodsSource } from '../source/sis-whole.ts';
import type { WholeSource } from '../source/contract.ts';
import type { EntryFault, OpenedSource, Service, ServiceDefaults, SourceContext } from './contract.ts';
import { itemsFault, sinkFault } from './entry-faults.ts';
import { type ConnectOptions, connectSisu, rootOrganisation } from './sisu-connection.ts';
import { type SisuService, type WholeResource, sisuGroup, sisuServices } from './sisu.ts';

/** The queue of all SISU services (systems.md 4.1). */
export const importerQueue = 'importer-queue';

/** What the export API allows for one page (apis.md 3.1). */
const maxItems = 10_000;

/** The 26 services, in the old order of importance. */
export function createSisuServices(): readonly Service[] {
  return sisuServices.map(createSisuService);
}

function createSisuService(service: SisuService): Service {
  return {
    name: service.id,
    group: sisuGroup,
    defaults: { ...defaults, schedule: schedules[service.kind], atStart: service.kind === 'whole' },
    check: checkEntry,
    openSource: (_entry, context) => Promise.try(() => openSisu(service, context)),
    openSink: (entry, { queue }) =>
      createSink(entry.sink, {
        store: queue,
        queue: importerQueue,
        jobName: service.channel,
        grade: 'processed',
      }),
    close: () => Promise.resolve(),
  };
}

const defaults = {
  itemsPerRequest: 1000,
  workerCount: 2,
  timezone: 'Europe/Helsinki',
} as const satisfies ServiceDefaults;

// Hourly as the old importer (systems.md 1.1). The others were read once a start; they change a few times a year, so
// once a night, at an hour that neither goes missing nor comes twice when the clocks change.
const schedules = { chained: '0 * * * *', whole: '15 4 * * *' } as const;

function openSisu(service: SisuService, context: SourceContext): OpenedSource {
  const traffic = createTraffic();
  const options = { ...context, onAttempt: traffic.count };
  switch (service.kind) {
    case 'chained': {
      const { path, keyFields = ['id'], sinceName } = service;
      const connection = connectSisu('export', options);
      const source = createSisExportSource({ connection, path, keyFields, sinceName });
      return { kind: 'chained', source, traffic: traffic.totals };
    }
    case 'whole':
      return { kind: 'whole', source: openWhole(service, options), traffic: traffic.totals };
    default:
      return service satisfies never;
  }
}

function openWhole({ content }: WholeResource, options: ConnectOptions): WholeSource {
  switch (content.type) {
    case 'codebook':
      return createCodebookSource(connectSisu('public', options), content.name);
    case 'periods':
      return createPeriodsSource(connectSisu('public', options), rootOrganisation(options.env));
    case 'grade-scales':
      return createGradeScalesSource(connectSisu('graphql', options));
    default:
      return content satisfies never;
  }
}

function checkEntry(entry: Entry): EntryFault | undefined {
  if (entry.latest_timestamp !== undefined && entry.latest_timestamp !== null) {
    return { field: 'latest_timestamp', message: 'does not fit here: SISU is followed by latest_ordinal' };
  }
  if (entry.start_offset !== undefined && entry.start_offset > 0) {
    return { field: 'start_offset', message: 'does not fit here: set latest_ordinal to begin later' };
  }
  if (entry.account !== undefined) {
    return { field: 'account', message: 'does not fit here: SISU has one set of credentials' };
  }
  return itemsFault(entry, maxItems, 'SISU') ?? sinkFault(entry);
}
