import { z } from 'zod';
import { problem, type Problem } from '../problem.ts';
import { answerJson, type Answer } from '../reply.ts';

interface GradeScale {
  readonly id: string;
}

/** The grade scales after `revision` changes (fields: systems.md 2.4). */
export function gradeScales(revision: number): GradeScale[] {
  const passFail = scale('sis-hyl-hyv', 'Hyväksytty–Hylätty', ['Hylätty', 'Hyväksytty']);
  const numbers = scale('sis-0-5', revision === 0 ? '0–5' : `0–5 (${revision})`, [
    '0',
    '1',
    '2',
    '3',
    '4',
    '5',
  ]);
  const added = Array.from({ length: revision }, (_, at) => scale(`sim-${at}`, `Asteikko ${at}`, ['–', '+']));
  return [numbers, passFail, ...added];
}

const question = z.object({ query: z.string(), variables: z.looseObject({}).optional() });

const known = new Set(
  'query grade_scales id name abbreviation en fi sv grades localId passed numericCorrespondence __typename'.split(
    ' ',
  ),
);

/**
 * Answers a POST of `body` to /graphql: the scales under `data`, or `errors` with status 200 when a field is asked for
 * that does not exist. All fields of a scale are given, whichever of them were asked for.
 */
export function answerGraphql(body: string, scales: readonly GradeScale[]): Answer | Problem {
  const asked = question.safeParse(parsed(body));
  if (!asked.success) return problem(400, 'Expected JSON with a query.');
  const words = asked.data.query
    .replaceAll(/^\s*query\s+\w+/g, 'query')
    .split(/\W+/)
    .filter(Boolean);
  const unknown = words.find((word) => !known.has(word));
  if (unknown !== undefined) return graphqlErrors(`Cannot query field "${unknown}".`);
  if (!words.includes('grade_scales')) return graphqlErrors('Nothing was asked for.');
  return answerJson({ data: { grade_scales: scales } }, scales.length);
}

/** What GraphQL answers when something is wrong: 200, and errors inside. */
export function graphqlErrors(message: string): Answer {
  const extensions = { classification: 'DataFetchingException' };
  return answerJson({ errors: [{ message, extensions }], data: null });
}

function scale(id: string, name: string, grades: readonly string[]) {
  return {
    id,
    name: localised(name),
    abbreviation: localised(id),
    grades: grades.map((grade, at) => ({
      localId: String(at),
      name: localised(grade),
      passed: at > 0,
      abbreviation: localised(grade.slice(0, 3)),
      numericCorrespondence: grades.length > 2 ? at : null,
    })),
  };
}

function localised(text: string) {
  return { en: text, fi: text, sv: text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
