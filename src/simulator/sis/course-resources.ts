import type { Resource } from './resource.ts';
import { buildings, dateOf, numbered, pick, subjects } from './words.ts';

const usual = { keepsVersions: false, keyFields: ['id'], idPrefix: 'otm-' } as const;
const university = { universityOrgIds: ['hy-university-root-id'] };

/** The kinds of the course catalogue (fields: apis.md 3.2, systems.md 5.1). */
export const courseResources = {
  ORGANISATION: {
    ...usual,
    path: '/kori/api/organisations/v2/export',
    weight: 1,
    keepsVersions: true,
    idPrefix: 'hy-org-',
    fields: ({ number, revision, draw, idOf }) => ({
      ...university,
      name: numbered(pick(subjects, draw(1)), number),
      abbreviation: { fi: `ORG${number}`, sv: null, en: null },
      code: `H${String(number).padStart(3, '0')}`,
      parentId: number === 0 ? null : idOf('ORGANISATION', number >> 3),
      educationalInstitutionUrn: 'urn:code:educational-institution:01901',
      status: revision > 5 ? 'INACTIVE' : 'ACTIVE',
    }),
  },
  COURSE_UNIT: {
    ...usual,
    path: '/kori/api/course-units/v1/export',
    weight: 4,
    fields: ({ number, revision, madeAt, some, draw }) => ({
      ...university,
      groupId: `hy-CU-${number}`,
      code: `SIM-${1000 + number}`,
      name: numbered(pick(subjects, draw(1)), revision),
      credits: { min: 5, max: 5 + (draw(2) % 3) * 5 },
      courseUnitType: 'urn:code:course-unit-type:regular',
      approvalState: { id: 'approved' },
      validityPeriod: { startDate: dateOf(madeAt), endDate: null },
      gradeScaleId: 'sis-0-5',
      completionMethods: [{ localId: `cm-${number}`, assessmentItemIds: [some('ASSESMENT_ITEM', 3)] }],
      responsibilityInfos: [
        { roleUrn: 'urn:code:responsible-teacher', personId: some('PERSON', 4), text: null },
      ],
      organisations: [{ organisationId: some('ORGANISATION', 5), share: 0.5 }],
      curriculumPeriodIds: ['hy-lv-75'],
      possibleAttainmentLanguages: ['urn:code:language:fi', 'urn:code:language:en'],
      learningMaterial: { fi: '<p>Luennot &amp; harjoitukset\u2028</p>', sv: null, en: '<p>Lectures</p>' },
      substitutions: [],
    }),
  },
  EDUCATION: {
    ...usual,
    path: '/kori/api/educations/v1/export',
    weight: 1,
    idPrefix: 'hy-EDU-',
    fields: ({ number, revision, draw, some }) => ({
      ...university,
      groupId: `hy-EDU-${number}`,
      code: `EDU${number}`,
      name: numbered(pick(subjects, draw(1)), number),
      educationType: 'urn:code:education-type:degree-education:bachelors-and-masters-degree',
      attainmentLanguages: ['urn:code:language:fi'],
      structure: {
        phase1: { name: { fi: 'Kandidaatti' }, options: [{ moduleGroupId: some('MODULE', 2) }] },
        phase2: revision % 2 ? null : { name: { fi: 'Maisteri' }, options: [] },
      },
    }),
  },
  ASSESMENT_ITEM: {
    ...usual,
    path: '/kori/api/assessment-items/v1/export',
    weight: 5,
    keepsVersions: true,
    fields: ({ number, revision, draw, some }) => ({
      ...university,
      name: numbered(pick(subjects, draw(1)), revision),
      nameSpecifier: { fi: `Tentti ${number}` },
      credits: { min: 0, max: 5 },
      assessmentItemType: 'urn:code:assessment-item-type:exam',
      gradeScaleId: 'sis-hyl-hyv',
      primaryCourseUnitGroupId: some('COURSE_UNIT', 2),
      organisations: [{ organisationId: some('ORGANISATION', 3), share: 1 }],
    }),
  },
  COURSE_UNIT_REALISATION: {
    ...usual,
    path: '/kori/api/course-unit-realisations/v1/export',
    weight: 6,
    fields: ({ number, revision, madeAt, draw, some }) => ({
      ...university,
      name: numbered(pick(subjects, draw(1)), number),
      nameSpecifier: { fi: `Ryhmä ${revision}`, sv: null, en: null },
      flowState: draw(2) % 20 ? 'PUBLISHED' : 'CANCELLED',
      activityPeriod: { startDate: dateOf(madeAt), endDate: dateOf(madeAt + 60 * 86_400_000) },
      assessmentItemIds: [some('ASSESMENT_ITEM', 3)],
      responsibilityInfos: [{ roleUrn: 'urn:code:teacher', personId: some('PERSON', 4) }],
      studyGroupSets: [
        {
          localId: `set-${number}`,
          name: { fi: 'Ryhmät' },
          studySubGroups: [{ id: `g-${number}`, size: null, studyEventIds: [some('STUDY_EVENT', 5)] }],
        },
      ],
      teachingLanguageUrn: 'urn:code:language:fi',
    }),
  },
  LOCATION: {
    ...usual,
    path: '/kori/api/locations/v1/export',
    weight: 1,
    idPrefix: 'hy-loc-',
    fields: ({ number, draw, revision }) => ({
      ...university,
      name: { fi: `${pick(buildings, draw(1))}, sali ${number}` },
      buildingId: `hy-bld-${draw(2) % 50}`,
      notes: revision > 1 ? { fi: `Remontissa ${revision}` } : null,
    }),
  },
  STUDY_EVENT: {
    ...usual,
    path: '/kori/api/study-events/v1/export',
    weight: 6,
    fields: ({ madeAt, revision, draw, some }) => ({
      name: pick(subjects, draw(1)),
      cancellations: [],
      startTime: `${dateOf(madeAt)}T${10 + (revision % 8)}:15:00`,
      duration: 'PT1H30M',
      recursEvery: 'WEEKLY',
      locationIds: [some('LOCATION', 2)],
      events: Array.from({ length: draw(3) % 4 }, (_, week) => ({
        start: `${dateOf(madeAt + week * 7 * 86_400_000)}T10:15:00`,
        excluded: week === 2,
      })),
    }),
  },
  MODULE: {
    ...usual,
    path: '/kori/api/modules/v1/export',
    weight: 1,
    fields: ({ number, revision, draw, some }) => ({
      ...university,
      type: number % 5 ? 'StudyModule' : 'DegreeProgramme',
      ...(number % 5 ? {} : { degreeProgramTypeUrn: 'urn:code:degree-program-type:bachelors-degree' }),
      groupId: `hy-SM-${number}`,
      code: `KH${number}_${revision}`,
      name: numbered(pick(subjects, draw(1)), number),
      targetCredits: { min: 60, max: null },
      gradeScaleId: null,
      rule: {
        type: 'CompositeRule',
        localId: `rule-${number}`,
        require: { min: 1, max: null },
        rules: [{ type: 'CourseUnitRule', courseUnitGroupId: some('COURSE_UNIT', 2), rules: [] }],
      },
    }),
  },
} satisfies Partial<Record<string, Resource>>;
