/** A kind of entity: where it is kept, what names one, and which of its versions stay. */
export interface Kind {
  /** The name of its jobs. */
  readonly channel: string;
  readonly table: string;
  readonly key: readonly KeyField[];
  readonly keeps: Keeping;
}

export interface KeyField {
  /** Its name in the entity. */
  readonly field: string;
  readonly column: string;
}

export type Keeping =
  /**
   * One row a key, the version with the greatest ordinal. Which document states take the row away: `inactive` is all
   * but ACTIVE, a missing one included; `nothing` keeps the row with its state.
   */
  | { readonly versions: 'newest'; readonly removedBy: 'inactive' | 'deleted' | 'nothing' }
  /** Snapshots: one row a version, deleted ones too. */
  | { readonly versions: 'all' }
  /** No ordinal: the last that came. `skips: 'inactive'` changes nothing for one that says it is not ACTIVE. */
  | { readonly versions: 'last-come'; readonly skips: 'inactive' | 'nothing' };

const id: readonly KeyField[] = [{ field: 'id', column: 'id' }];
const studyRightId = { field: 'studyRightId', column: 'study_right_id' };
const studentId = { field: 'studentId', column: 'student_id' };
const startDate = { field: 'startDate', column: 'start_date' };

const hard: Keeping = { versions: 'newest', removedBy: 'inactive' };
const soft: Keeping = { versions: 'newest', removedBy: 'nothing' };
const snapshot: Keeping = { versions: 'all' };
const codebook: Keeping = { versions: 'last-come', skips: 'inactive' };

/**
 * The 26 kinds with their channels (systems.md 2.4), and the old consumer's tables, keys and treatment
 * of document states (systems.md 5.1): DRAFT counts as deleted, for educations as active.
 */
export const allKinds: readonly Kind[] = [
  { channel: 'ORI_PERSON_CHANNEL', table: 'persons', key: id, keeps: hard },
  { channel: 'KORI_ORGANISATION_CHANNEL', table: 'organisations', key: id, keeps: snapshot },
  { channel: 'KORI_COURSE_UNIT_CHANNEL', table: 'course_units', key: id, keeps: hard },
  {
    channel: 'KORI_EDUCATION_CHANNEL',
    table: 'educations',
    key: id,
    keeps: { versions: 'newest', removedBy: 'deleted' },
  },
  { channel: 'ORI_STUDY_RIGHT_CHANNEL', table: 'studyrights', key: id, keeps: snapshot },
  {
    channel: 'ORI_TERM_REGISTRATION',
    table: 'term_registrations',
    key: [studyRightId, studentId],
    keeps: hard,
  },
  { channel: 'KORI_ASSESSMENT_ITEM_CHANNEL', table: 'assessment_items', key: id, keeps: snapshot },
  {
    channel: 'KORI_COURSE_UNIT_REALISATION_CHANNEL',
    table: 'course_unit_realisations',
    key: id,
    keeps: soft,
  },
  { channel: 'KORI_LOCATION_CHANNEL', table: 'locations', key: id, keeps: hard },
  { channel: 'KORI_STUDY_EVENT_CHANNEL', table: 'study_events', key: id, keeps: hard },
  { channel: 'ORI_ATTAINMENT_CHANNEL', table: 'attainments', key: id, keeps: hard },
  { channel: 'KORI_MODULE_CHANNEL', table: 'modules', key: id, keeps: hard },
  {
    channel: 'ORI_STUDY_RIGHT_PRIMALITY_CHANNEL',
    table: 'study_right_primalities',
    key: [studyRightId, studentId, startDate],
    keeps: hard,
  },
  { channel: 'URN_STUDY_LEVEL_CHANNEL', table: 'study_levels', key: id, keeps: codebook },
  { channel: 'URN_COUNTRY_CHANNEL', table: 'countries', key: id, keeps: codebook },
  { channel: 'URN_EDUCATION_TYPE_CHANNEL', table: 'education_types', key: id, keeps: codebook },
  { channel: 'ILMO_ENROLMENT_CHANNEL', table: 'enrolments', key: id, keeps: soft },
  {
    channel: 'GRAPHQL_GRADE_SCALES_CHANNEL',
    table: 'grade_scales',
    key: id,
    keeps: { versions: 'last-come', skips: 'nothing' },
  },
  { channel: 'URN_DEGREE_TITLE_CHANNEL', table: 'degree_titles', key: id, keeps: codebook },
  {
    channel: 'URN_EDUCATION_CLASSIFICATION_CHANNEL',
    table: 'education_classifications',
    key: id,
    keeps: codebook,
  },
  {
    channel: 'URN_STUDY_RIGHT_EXPIRATION_RULE_CHANNEL',
    table: 'study_right_expiration_rules',
    key: id,
    keeps: codebook,
  },
  { channel: 'URN_ADMISSION_TYPE_CHANNEL', table: 'admission_types', key: id, keeps: codebook },
  { channel: 'OSUVA_PLAN_CHANNEL', table: 'plans', key: id, keeps: hard },
  { channel: 'ORI_PERSON_GROUP_CHANNEL', table: 'person_groups', key: id, keeps: hard },
  { channel: 'ORI_DISCLOSURE_CHANNEL', table: 'disclosures', key: id, keeps: hard },
  { channel: 'KORI_PUBLIC_CURRICULUM_PERIOD_CHANNEL', table: 'curriculum_periods', key: id, keeps: codebook },
];

const byChannel: ReadonlyMap<string, Kind> = new Map(allKinds.map((kind) => [kind.channel, kind]));

/** The kind of entity a channel carries; undefined for a channel that is none of the 26. */
export function kindOf(channel: string): Kind | undefined {
  return byChannel.get(channel);
}
