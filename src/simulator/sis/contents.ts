import { problem, type Problem } from '../problem.ts';
import { answerJson, type Answer } from '../reply.ts';
import type { Asked } from '../serve.ts';
import { codebookEntries, codebooks } from './codebooks.ts';
import { curriculumPeriods, universityOrg } from './curriculum-periods.ts';
import type { SisRecord } from './entities.ts';
import { answerGraphql, gradeScales, graphqlErrors } from './grade-scales.ts';
import type { OneTimeService } from './services.ts';

/** What the services without ordinals hold, and how they answer. */
export interface Contents {
  answer(service: OneTimeService, asked: Asked): Answer | Problem;
  /** The entries as they are to arrive: those of codebooks with `id` and `documentState` (systems.md 2.4). */
  records(service: OneTimeService): SisRecord[];
  /** Changes the content: one entry gets another name, one is added. */
  revise(service: OneTimeService): void;
  /** Whether GraphQL answers with `errors`. */
  failGraphql(fails: boolean): void;
}

/** All of them as they were at first. */
export function createContents(): Contents {
  const revisions = new Map<OneTimeService, number>();
  let graphqlFails = false;

  return {
    answer(service, { method, query, body }) {
      if (method !== (service === 'GRAPHQL_GRADE_SCALES' ? 'POST' : 'GET')) return problem(405);
      if (service === 'GRAPHQL_GRADE_SCALES') {
        return graphqlFails ? graphqlErrors('Service unavailable') : answerGraphql(body, scales());
      }
      if (service === 'CURRICULUM_PERIOD') return answerPeriods(query);
      const all = entries(service);
      return answerJson(Object.fromEntries(all.map((entry) => [entry.urn, entry])), all.length);
    },
    records: (service) =>
      arriving(service).map((value) => ({
        key: [value.id],
        // What the old importer reported for services without ordinals.
        ordinal: 1,
        documentState: 'ACTIVE',
        value: { ...value },
      })),
    revise: (service) => void revisions.set(service, revision(service) + 1),
    failGraphql(fails) {
      graphqlFails = fails;
    },
  };

  function revision(service: OneTimeService): number {
    return revisions.get(service) ?? 0;
  }

  function scales(): ReturnType<typeof gradeScales> {
    return gradeScales(revision('GRAPHQL_GRADE_SCALES'));
  }

  function entries(service: OneTimeService): ReturnType<typeof codebookEntries> {
    const codebook = codebooks.find((one) => one.service === service);
    return codebook ? codebookEntries(codebook, revision(service)) : [];
  }

  function arriving(service: OneTimeService): readonly { readonly id: string }[] {
    if (service === 'GRAPHQL_GRADE_SCALES') return scales();
    if (service === 'CURRICULUM_PERIOD') return curriculumPeriods(revision(service));
    return entries(service).map((entry) => Object.assign({ id: entry.urn, documentState: 'ACTIVE' }, entry));
  }

  function answerPeriods(query: URLSearchParams): Answer | Problem {
    const organisation = query.get('universityOrgId');
    if (organisation === null) return problem(400, "Required parameter 'universityOrgId' is not present.");
    const periods = organisation === universityOrg ? curriculumPeriods(revision('CURRICULUM_PERIOD')) : [];
    return answerJson(periods, periods.length);
  }
}
