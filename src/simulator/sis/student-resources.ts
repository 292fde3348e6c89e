import type { Facts, Resource } from './resource.ts';
import { dateOf, firstNames, lastNames, numbered, pick, subjects } from './words.ts';

const day = 86_400_000;
const usual = { keepsVersions: false, keyFields: ['id'] } as const;

/** The kinds of the student registry, of enrolments and of study plans (fields: apis.md 3.2, systems.md 5.1). */
export const studentResources = {
  PERSON: {
    ...usual,
    path: '/ori/api/persons/v1/export',
    weight: 12,
    idPrefix: 'hy-hlo-',
    fields: person,
  },
  STUDY_RIGHT: {
    ...usual,
    path: '/ori/api/study-rights/v1/export',
    weight: 9,
    keepsVersions: true,
    idPrefix: 'otm-',
    fields: ({ madeAt, revision, some, draw }) => ({
      studentId: some('PERSON', 1),
      educationId: some('EDUCATION', 2),
      organisationId: some('ORGANISATION', 3),
      state: revision > 3 ? 'GRADUATED' : 'ACTIVE',
      grantDate: dateOf(madeAt),
      valid: { startDate: dateOf(madeAt), endDate: dateOf(madeAt + 7 * 365 * day) },
      studyRightGraduation: revision > 3 ? { phase1GraduationDate: dateOf(madeAt + 3 * 365 * day) } : null,
      acceptedSelectionPath: { educationPhase1GroupId: some('MODULE', 4), educationPhase2GroupId: null },
      studyRightExpirationRulesUrn: 'urn:code:study-right-expiration-rules:rule-7',
      admissionTypeUrn: draw(5) % 2 ? 'urn:code:admission-type:ov' : null,
    }),
  },
  TERM_REGISTRATION: {
    ...usual,
    path: '/ori/api/term-registrations/v1/export',
    weight: 9,
    idPrefix: '',
    keyFields: ['studyRightId', 'studentId'],
    fields: ({ number, revision, some, idOf }) => ({
      studyRightId: idOf('STUDY_RIGHT', number),
      studentId: some('PERSON', 1),
      termRegistrations: Array.from({ length: 1 + (revision % 3) }, (_, term) => ({
        studyTerm: { studyYearStartYear: 2023 + (term >> 1), termIndex: term % 2 },
        registrationDate: `${2023 + (term >> 1)}-0${term % 2 ? 1 : 8}-15`,
        termRegistrationType: term === 2 ? 'NONATTENDING' : 'ATTENDING',
        statutoryAbsence: false,
        tuitionFeePaymentState: null,
      })),
    }),
  },
  STUDY_RIGHT_PRIMALITY: {
    ...usual,
    path: '/ori/api/study-right-primalities/v1/export',
    weight: 3,
    idPrefix: '',
    keyFields: ['studyRightId', 'studentId', 'startDate'],
    // Two entities share a study right and a student; only the date tells them apart.
    fields: ({ number, revision, idOf }) => ({
      studyRightId: idOf('STUDY_RIGHT', number >> 1),
      studentId: idOf('PERSON', number >> 1),
      startDate: number % 2 ? '2025-08-01' : '2023-08-01',
      endDate: number % 2 ? null : `2025-07-${10 + (revision % 20)}`,
    }),
  },
  ATTAINMENT: {
    ...usual,
    path: '/ori/api/attainments/v1/export',
    weight: 22,
    idPrefix: 'hy-opinto-',
    fields: ({ madeAt, revision, some, draw }) => ({
      type: draw(1) % 8 ? 'CourseUnitAttainment' : 'CustomCourseUnitAttainment',
      personId: some('PERSON', 2),
      courseUnitId: some('COURSE_UNIT', 3),
      assessmentItemId: some('ASSESMENT_ITEM', 4),
      verifierPersonId: some('PERSON', 5),
      acceptorPersons: [
        { roleUrn: 'urn:code:attainment-acceptor-type:approved-by', personId: some('PERSON', 6) },
      ],
      organisations: [
        { organisationId: some('ORGANISATION', 7), share: 1, roleUrn: 'urn:code:organisation-role' },
      ],
      state: revision > 1 ? 'ATTAINED' : 'ASSESSED',
      attainmentDate: dateOf(madeAt),
      registrationDate: dateOf(madeAt + 3 * day),
      gradeScaleId: 'sis-0-5',
      gradeId: draw(revision + 100) % 6,
      credits: (draw(8) % 20) / 2,
      studyWeeks: null,
      attainmentLanguageUrn: 'urn:code:language:sv',
      misregistration: false,
      additionalInfo: { fi: revision > 1 ? 'Korjattu\narvosana' : null },
    }),
  },
  PERSON_GROUP: {
    ...usual,
    path: '/ori/api/person-groups/v1/export',
    weight: 1,
    idPrefix: 'hy-pg-',
    fields: ({ number, draw, some }) => ({
      name: numbered(pick(subjects, draw(1)), number),
      type: 'TUTORING_GROUP',
      personIds: [some('PERSON', 2), some('PERSON', 3)],
    }),
  },
  DISCLOSURE: {
    ...usual,
    path: '/ori/api/disclosures/v1/export',
    weight: 1,
    idPrefix: 'hy-disc-',
    fields: ({ some, draw }) => ({
      privatePersonId: some('PERSON', 1),
      disclosed: draw(2) % 2 === 0,
      types: ['MARKETING', 'LIBRARY'],
    }),
  },
  ENROLMENT: {
    ...usual,
    path: '/ilmo/api/enrolments/v1/export',
    weight: 18,
    idPrefix: 'otm-',
    fields: ({ madeAt, revision, local, some }) => ({
      personId: some('PERSON', 1),
      studyRightId: some('STUDY_RIGHT', 2),
      courseUnitId: some('COURSE_UNIT', 3),
      courseUnitRealisationId: some('COURSE_UNIT_REALISATION', 4),
      assessmentItemId: some('ASSESMENT_ITEM', 5),
      state: revision > 1 ? 'ENROLLED' : 'PROCESSING',
      enrolmentDateTime: local(madeAt),
      confirmedStudySubGroupIds: [],
      tentativeStudySubGroupIds: [],
      colorIndex: revision,
    }),
  },
  PLAN: {
    ...usual,
    path: '/osuva/api/plans/v1/export',
    weight: 5,
    idPrefix: 'otm-',
    fields: ({ number, revision, some, draw }) => ({
      userId: some('PERSON', 1),
      rootId: some('EDUCATION', 2),
      name: `Opintosuunnitelma ${number}.${revision}`,
      primary: draw(3) % 4 !== 0,
      moduleSelections: Array.from({ length: 1 + (draw(4) % 4) }, (_, at) => ({
        moduleId: some('MODULE', 10 + at),
        parentModuleId: some('MODULE', 20 + at),
      })),
      courseUnitSelections: Array.from({ length: draw(5) % 8 }, (_, at) => ({
        courseUnitId: some('COURSE_UNIT', 30 + at),
        parentModuleId: some('MODULE', 40 + at),
        plannedPeriods: ['hy/2025/0/1'],
      })),
    }),
  },
} satisfies Partial<Record<string, Resource>>;

/** Sensitive as the real one; the identity code is of the kind that is never given to anybody (individual number 9xx). */
function person({ number, revision, draw }: Facts) {
  const lastName = pick(lastNames, draw(1));
  const firstName = pick(firstNames, draw(2));
  return {
    studentNumber: draw(3) % 5 === 0 ? null : `01${String(number).padStart(7, '0')}`,
    eppn: `sim${number}@example.org`,
    oppijaID: `1.2.246.562.24.${10_000_000_000 + number}`,
    personalIdentityCode:
      draw(3) % 5 === 1 ? null : `01019${number % 10}-9${String(number % 89).padStart(2, '0')}A`,
    firstNames: `${firstName} ${pick(firstNames, draw(4))}`,
    callName: firstName,
    lastName,
    dateOfBirth: `19${70 + (number % 30)}-0${1 + (number % 9)}-1${number % 10}`,
    genderUrn: `urn:code:gender:${draw(5) % 2 ? 'female' : 'male'}`,
    citizenshipUrns: ['urn:code:country:fi', ...(draw(6) % 6 ? [] : ['urn:code:country:se'])],
    preferredLanguageUrn: 'urn:code:language:fi',
    primaryEmail: `person.${number}.${revision}@example.org`,
    secondaryEmail: null,
    phoneNumber: `+358 40 ${1_000_000 + number}`,
    primaryAddress: {
      type: 'FinnishAddress',
      streetAddress: `Yliopistonkatu ${number % 300} A ${revision}`,
      postalCode: '20100',
      city: 'Åbo / Turku',
      countryUrn: 'urn:code:country:fi',
    },
    municipalityUrn: null,
    dead: false,
    personalDataSafetyNonDisclosure: draw(7) % 50 === 0,
    classifiedPersonInfo: null,
  };
}
