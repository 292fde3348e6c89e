import type { OneTimeService } from './services.ts';

export interface Codebook {
  readonly service: OneTimeService;
  /** After `urn:code:` in its address (systems.md 2.4). */
  readonly name: string;
  readonly codes: readonly string[];
}

/** The codebooks that have a service. */
export const codebooks: readonly Codebook[] = [
  { service: 'STUDY_LEVEL', name: 'study-level', codes: ['1', '2', '3', '4', '5'] },
  { service: 'COUNTRY', name: 'country', codes: ['fi', 'se', 'ee', 'gr', 'jp', 'vn', 'ax', 'ci'] },
  {
    service: 'EDUCATION_TYPE',
    name: 'education-type',
    codes: ['degree-education', 'degree-education:bachelors-degree', 'non-degree-education'],
  },
  { service: 'DEGREE_TITLE', name: 'degree-title', codes: ['fil-kand', 'fil-maist', 'teol-tri', 'oik-not'] },
  {
    service: 'EDUCATION_CLASSIFICATION',
    name: 'education-classification',
    codes: ['613101', '733101', '775101'],
  },
  {
    service: 'STUDY_RIGHT_EXPIRATION_RULE',
    name: 'study-right-expiration-rules',
    codes: ['rule-5', 'rule-7'],
  },
  { service: 'ADMISSION_TYPE', name: 'admission-type', codes: ['ov', 'ensikertalainen', 'siirto'] },
];

/** A codebook's entries after `revision` changes. */
export function codebookEntries({ name, codes }: Codebook, revision: number): { readonly urn: string }[] {
  const added = Array.from({ length: revision }, (_, at) => `added-${at + 1}`);
  return [...codes, ...added].map((code, at) => {
    const label = at === 0 && revision > 0 ? `${code} (${revision})` : code;
    const parent = code.includes(':') ? `urn:code:${name}:${code.slice(0, code.lastIndexOf(':'))}` : null;
    return {
      urn: `urn:code:${name}:${code}`,
      parentUrn: parent,
      name: { fi: `${label} – koodi`, sv: `${label} – kod`, en: `${label} – code` },
      shortName: null,
      deprecated: false,
      universitySpecifier: null,
    };
  });
}
