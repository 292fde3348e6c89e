import { isDeepStrictEqual } from 'node:util';
import type { Client } from 'pg';
import { z } from 'zod';
import type { SisRecord } from '../../src/simulator/sis/entities.ts';
import { exportServices, oneTimeServices, type SisService } from '../../src/simulator/sis/services.ts';
import type { SisSimulator } from '../../src/simulator/sis/sis.ts';

/** Where the old importer keeps a service, written down here once more (systems.md 2.4, 5.1): what is tested cannot be asked. */
interface Table {
  readonly name: string;
  readonly key: readonly string[];
  readonly holds: 'active' | 'undeleted' | 'everything' | 'versions' | 'whole';
}

const ids = ['id'];
const tables: Readonly<Record<SisService, Table>> = {
  PERSON: { name: 'persons', key: ids, holds: 'active' },
  ORGANISATION: { name: 'organisations', key: ids, holds: 'versions' },
  COURSE_UNIT: { name: 'course_units', key: ids, holds: 'active' },
  EDUCATION: { name: 'educations', key: ids, holds: 'undeleted' },
  STUDY_RIGHT: { name: 'studyrights', key: ids, holds: 'versions' },
  TERM_REGISTRATION: { name: 'term_registrations', key: ['study_right_id', 'student_id'], holds: 'active' },
  ASSESMENT_ITEM: { name: 'assessment_items', key: ids, holds: 'versions' },
  COURSE_UNIT_REALISATION: { name: 'course_unit_realisations', key: ids, holds: 'everything' },
  LOCATION: { name: 'locations', key: ids, holds: 'active' },
  STUDY_EVENT: { name: 'study_events', key: ids, holds: 'active' },
  ATTAINMENT: { name: 'attainments', key: ids, holds: 'active' },
  MODULE: { name: 'modules', key: ids, holds: 'active' },
  STUDY_RIGHT_PRIMALITY: {
    name: 'study_right_primalities',
    key: ['study_right_id', 'student_id', 'start_date'],
    holds: 'active',
  },
  ENROLMENT: { name: 'enrolments', key: ids, holds: 'everything' },
  PLAN: { name: 'plans', key: ids, holds: 'active' },
  PERSON_GROUP: { name: 'person_groups', key: ids, holds: 'active' },
  DISCLOSURE: { name: 'disclosures', key: ids, holds: 'active' },
  STUDY_LEVEL: { name: 'study_levels', key: ids, holds: 'whole' },
  COUNTRY: { name: 'countries', key: ids, holds: 'whole' },
  EDUCATION_TYPE: { name: 'education_types', key: ids, holds: 'whole' },
  GRAPHQL_GRADE_SCALES: { name: 'grade_scales', key: ids, holds: 'whole' },
  DEGREE_TITLE: { name: 'degree_titles', key: ids, holds: 'whole' },
  EDUCATION_CLASSIFICATION: { name: 'education_classifications', key: ids, holds: 'whole' },
  STUDY_RIGHT_EXPIRATION_RULE: { name: 'study_right_expiration_rules', key: ids, holds: 'whole' },
  ADMISSION_TYPE: { name: 'admission_types', key: ids, holds: 'whole' },
  CURRICULUM_PERIOD: { name: 'curriculum_periods', key: ids, holds: 'whole' },
};

export const sisServices: readonly SisService[] = [...exportServices, ...oneTimeServices];

/** Whether an entity can be stored at all: the simulator poisons some for ever. */
export function isPoisoned({ value }: SisRecord): boolean {
  return 'testError' in value;
}

/** A key as jobs, dead letters and tombstones spell it: the id itself, or a JSON array of several parts. */
export function spellKey(key: readonly string[]): string {
  return key.length === 1 ? (key[0] ?? '') : JSON.stringify(key);
}

/** What is wrong with the tables of all services, in words; nothing when they are in step with the simulator. */
export async function differences(simulator: SisSimulator, client: Client): Promise<string[]> {
  const found: string[] = [];
  for (const service of sisServices) found.push(...(await differencesOf(service, simulator, client)));
  return found;
}

/** The same for one service. */
export async function differencesOf(
  service: SisService,
  simulator: SisSimulator,
  client: Client,
): Promise<string[]> {
  const { name, holds } = tables[service];
  const expected = new Map<string, SisRecord>();
  for (const record of simulator.newest(service)) {
    if (!isPoisoned(record) && staysAs(holds, record)) expected.set(spellKey(record.key), record);
  }
  const found: string[] = [];
  for (const row of await rowsOf(service, client)) {
    const record = expected.get(row.name);
    expected.delete(row.name);
    if (!record) found.push(`${name}: ${row.name} should not be there`);
    else if (holds !== 'whole' && row.ordinal !== record.ordinal)
      found.push(`${name}: ${row.name} is of ${row.ordinal}, not of ${record.ordinal}`);
    else if (row.state !== (record.value['documentState'] ?? null) || !isSame(row.data, record.value))
      found.push(`${name}: ${row.name} is another one`);
  }
  return [...found, ...[...expected.keys()].map((key) => `${name}: ${key} is missing`)];
}

/** The ordinals that a service's table has, removed ones included: by key the greatest, of snapshots those there are. */
export async function storedOrdinals(service: SisService, client: Client): Promise<Map<string, number>> {
  const { name, key, holds } = tables[service];
  const spelt = key.length === 1 ? key[0] : `array_to_json(ARRAY[${key.join(', ')}])::text`;
  const version = holds === 'versions' ? `json_build_array(id, modification_ordinal::text)::text` : spelt;
  const { rows } = await client.query(
    `SELECT ${version} AS name, modification_ordinal AS ordinal FROM ${name}
     UNION ALL SELECT key, modification_ordinal FROM sluice_tombstones WHERE table_name = '${name}'`,
  );
  return new Map(ordinalSchema.parse(rows).map((row) => [respell(row.name), row.ordinal]));
}

/** Postgres puts a blank behind the commas of what it builds itself. */
function respell(name: string): string {
  return name.startsWith('[') ? JSON.stringify(JSON.parse(name)) : name;
}

const ordinalSchema = z.array(z.object({ name: z.string(), ordinal: z.coerce.number() }));

const rowSchema = z.array(
  z.object({
    key: z.array(z.string()),
    ordinal: z.coerce.number(),
    state: z.string().nullable(),
    data: z.unknown(),
  }),
);

async function rowsOf(service: SisService, client: Client) {
  const { name, key, holds } = tables[service];
  const { rows } = await client.query(
    `SELECT ARRAY[${key.join(', ')}] AS key, modification_ordinal AS ordinal, document_state AS state, data FROM ${name}`,
  );
  return rowSchema.parse(rows).map(({ key: values, ordinal, state, data }) => ({
    name: spellKey(holds === 'versions' ? [...values, String(ordinal)] : values),
    ordinal,
    state,
    data,
  }));
}

function staysAs(holds: Table['holds'], { documentState }: SisRecord): boolean {
  switch (holds) {
    case 'active':
      return documentState === 'ACTIVE';
    case 'undeleted':
      return documentState !== 'DELETED';
    case 'everything':
    case 'versions':
    case 'whole':
      return true;
    default:
      return holds satisfies never;
  }
}

/** As JSON: what an entity has no value for is not sent. */
function isSame(data: unknown, value: SisRecord['value']): boolean {
  return isDeepStrictEqual(data, JSON.parse(JSON.stringify(value)));
}
