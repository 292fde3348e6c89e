import type { KeyFields } from '../source/sis-key.ts';

/** One service of SISU, compatible by its names with the old importer (systems.md 2.4, 5.1). */
export type SisuService = SisuNames & (OrdinalResource | WholeResource);

interface SisuNames {
  /** What an entry's `service` says. */
  readonly id: string;
  /** The old importer's checkpoint in Redis (S16). */
  readonly redisKey: string;
  /** The name of its jobs, which the consumers know it by. */
  readonly channel: string;
}

export interface OrdinalResource {
  readonly kind: 'chained';
  /** API included. */
  readonly path: string;
  /** What names an entity: `id` by default. */
  readonly keyFields?: KeyFields;
  /** What the resource calls the ordinal to read after: `since` by default. */
  readonly sinceName?: string;
}

export interface WholeResource {
  readonly kind: 'whole';
  readonly content:
    | { readonly type: 'codebook'; readonly name: string }
    | { readonly type: 'grade-scales' }
    | { readonly type: 'periods' };
}

/** The snapshot kinds: every version of an id stays valid, so a version is a record (systems.md 5.1). */
const version: KeyFields = ['id', 'modificationOrdinal'];
const registration: KeyFields = ['studyRightId', 'studentId'];
const primality: KeyFields = ['studyRightId', 'studentId', 'startDate'];

/** What an entry's `service` says to mean all of them. */
export const sisuGroup = 'sisu';

/** All of them, in the old order of importance. */
export const sisuServices: readonly SisuService[] = [
  ordinal('PERSON', 'ORI_PERSON_CHANNEL', '/ori/api/persons/v1/export'),
  ordinal('ORGANISATION', 'KORI_ORGANISATION_CHANNEL', '/kori/api/organisations/v2/export', version),
  ordinal('COURSE_UNIT', 'KORI_COURSE_UNIT_CHANNEL', '/kori/api/course-units/v1/export'),
  ordinal('EDUCATION', 'KORI_EDUCATION_CHANNEL', '/kori/api/educations/v1/export'),
  ordinal('STUDY_RIGHT', 'ORI_STUDY_RIGHT_CHANNEL', '/ori/api/study-rights/v1/export', version),
  ordinal(
    'TERM_REGISTRATION',
    'ORI_TERM_REGISTRATION',
    '/ori/api/term-registrations/v1/export',
    registration,
  ),
  {
    ...ordinal(
      'ASSESMENT_ITEM',
      'KORI_ASSESSMENT_ITEM_CHANNEL',
      '/kori/api/assessment-items/v1/export',
      version,
    ),
    redisKey: 'LATEST_ASSESSMENT_ORDINAL',
  },
  ordinal(
    'COURSE_UNIT_REALISATION',
    'KORI_COURSE_UNIT_REALISATION_CHANNEL',
    '/kori/api/course-unit-realisations/v1/export',
  ),
  ordinal('LOCATION', 'KORI_LOCATION_CHANNEL', '/kori/api/locations/v1/export'),
  ordinal('STUDY_EVENT', 'KORI_STUDY_EVENT_CHANNEL', '/kori/api/study-events/v1/export'),
  ordinal('ATTAINMENT', 'ORI_ATTAINMENT_CHANNEL', '/ori/api/attainments/v1/export'),
  ordinal('MODULE', 'KORI_MODULE_CHANNEL', '/kori/api/modules/v1/export'),
  ordinal(
    'STUDY_RIGHT_PRIMALITY',
    'ORI_STUDY_RIGHT_PRIMALITY_CHANNEL',
    '/ori/api/study-right-primalities/v1/export',
    primality,
  ),
  codebook('STUDY_LEVEL', 'study-level'),
  codebook('COUNTRY', 'country'),
  codebook('EDUCATION_TYPE', 'education-type'),
  ordinal('ENROLMENT', 'ILMO_ENROLMENT_CHANNEL', '/ilmo/api/enrolments/v1/export'),
  whole('GRAPHQL_GRADE_SCALES', 'GRAPHQL_GRADE_SCALES_CHANNEL', { type: 'grade-scales' }),
  codebook('DEGREE_TITLE', 'degree-title'),
  codebook('EDUCATION_CLASSIFICATION', 'education-classification'),
  codebook('STUDY_RIGHT_EXPIRATION_RULE', 'study-right-expiration-rules'),
  codebook('ADMISSION_TYPE', 'admission-type'),
  ordinal('PLAN', 'OSUVA_PLAN_CHANNEL', '/osuva/api/plans/v1/export'),
  ordinal('PERSON_GROUP', 'ORI_PERSON_GROUP_CHANNEL', '/ori/api/person-groups/v1/export'),
  ordinal('DISCLOSURE', 'ORI_DISCLOSURE_CHANNEL', '/ori/api/disclosures/v1/export'),
  whole('CURRICULUM_PERIOD', 'KORI_PUBLIC_CURRICULUM_PERIOD_CHANNEL', { type: 'periods' }),
];

function ordinal(
  id: string,
  channel: string,
  path: string,
  keyFields?: KeyFields,
): SisuNames & OrdinalResource {
  const names = { id, channel, redisKey: `LATEST_${id}_ORDINAL` };
  return { ...names, kind: 'chained', path, ...(keyFields === undefined ? {} : { keyFields }) };
}

function whole(id: string, channel: string, content: WholeResource['content']): SisuNames & WholeResource {
  return { id, channel, redisKey: id, kind: 'whole', content };
}

function codebook(id: string, name: string): SisuNames & WholeResource {
  return whole(id, `URN_${id}_CHANNEL`, { type: 'codebook', name });
}
