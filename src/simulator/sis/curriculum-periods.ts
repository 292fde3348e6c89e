/** The curriculum periods after `revision` changes, as public KORI gives them (systems.md 2.4): a plain array. */
export function curriculumPeriods(revision: number): { readonly id: string }[] {
  return Array.from({ length: 4 + revision }, (_, at) => ({
    id: `hy-lv-${72 + at}`,
    documentState: 'ACTIVE',
    universityOrgId: universityOrg,
    name: {
      fi: at === 0 && revision > 0 ? `Lukuvuosi (${revision})` : `Lukuvuosi ${2021 + at}–${2022 + at}`,
      sv: `Läsåret ${2021 + at}–${2022 + at}`,
      en: `Academic year ${2021 + at}–${2022 + at}`,
    },
    abbreviation: { fi: `${2021 + at}` },
    activePeriod: { startDate: `${2021 + at}-08-01`, endDate: `${2022 + at}-08-01` },
  }));
}

/** The only university there is; the old default of ROOT_ORG_ID. */
export const universityOrg = 'hy-university-root-id';
