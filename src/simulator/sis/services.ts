/** The services whose changes carry ordinals, in the old order of import (systems.md 2.4; one is spelt as there). */
export const exportServices = [
  'PERSON', 'ORGANISATION', 'COURSE_UNIT', 'EDUCATION', 'STUDY_RIGHT', 'TERM_REGISTRATION', 'ASSESMENT_ITEM',
  'COURSE_UNIT_REALISATION', 'LOCATION', 'STUDY_EVENT', 'ATTAINMENT', 'MODULE', 'STUDY_RIGHT_PRIMALITY', 'ENROLMENT',
  'PLAN', 'PERSON_GROUP', 'DISCLOSURE',
] as const; // prettier-ignore
export type ExportService = (typeof exportServices)[number];

/** The services that give all they have in one answer (systems.md 2.4). */
export const oneTimeServices = [
  'STUDY_LEVEL', 'COUNTRY', 'EDUCATION_TYPE', 'GRAPHQL_GRADE_SCALES', 'DEGREE_TITLE', 'EDUCATION_CLASSIFICATION',
  'STUDY_RIGHT_EXPIRATION_RULE', 'ADMISSION_TYPE', 'CURRICULUM_PERIOD',
] as const; // prettier-ignore
export type OneTimeService = (typeof oneTimeServices)[number];

export type SisService = ExportService | OneTimeService;

/** What a request is about; `other` for what is not there. */
export const sisKinds = [...exportServices, ...oneTimeServices, 'other'] as const;
export type SisKind = (typeof sisKinds)[number];

/** Whether it is the id of a service with ordinals. */
export function isExportService(name: string): name is ExportService {
  return exportServices.some((service) => service === name);
}

/** Whether it is the id of any of the 26 services. */
export function isSisService(name: string): name is SisService {
  return isExportService(name) || oneTimeServices.some((service) => service === name);
}
