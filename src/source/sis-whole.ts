import { z } from 'zod';
import { SourceError } from '../model/errors.ts';
import type { SourceRecord } from '../model/record.ts';
import { printable } from '../net/printable.ts';
import type { WholeSource } from './contract.ts';
import { unlike } from './sis-answer.ts';
import { type SisConnection, type SisRequest, createSisAsk } from './sis-ask.ts';
import { createKeyReader } from './sis-key.ts';

/**
 * A codebook: an object by urn; each of its values gets its urn for an `id` and counts as ACTIVE (systems.md 2.4).
 * @param name such as `study-level`
 */
export function createCodebookSource(connection: SisConnection, name: string): WholeSource {
  return whole(connection, { path: `/kori/api/cached/codebooks/urn:code:${name}` }, readCodebook);
}

/** The curriculum periods of a university (systems.md 2.4). */
export function createPeriodsSource(connection: SisConnection, rootOrganisation: string): WholeSource {
  const query = new URLSearchParams({ universityOrgId: rootOrganisation });
  return whole(connection, { path: `/kori/api/curriculum-periods?${query.toString()}` }, readPeriods);
}

/** The grade scales, which only GraphQL has (systems.md 2.4). */
export function createGradeScalesSource(connection: SisConnection): WholeSource {
  return whole(
    connection,
    { path: '/graphql', json: { query: gradeScalesQuery, variables: {} } },
    readGradeScales,
  );
}

function whole(
  connection: SisConnection,
  request: SisRequest,
  entitiesIn: (json: unknown) => readonly unknown[],
): WholeSource {
  const ask = createSisAsk(connection);
  return {
    async read(signal) {
      const { json, bytes } = await ask(request, signal);
      return { records: entitiesIn(json).map(asRecord), bytes };
    },
  };
}

const readId = createKeyReader(['id']);

function asRecord(value: unknown): SourceRecord {
  return { key: readId(value, undefined), version: 0, value };
}

const codebookShape = z.record(z.string(), z.unknown());
const codeShape = z.looseObject({ urn: z.string() });

function readCodebook(json: unknown): readonly unknown[] {
  const codebook = codebookShape.safeParse(json);
  if (!codebook.success) throw unlike('a codebook', codebook.error);
  return Object.values(codebook.data).map(codeEntity);
}

function codeEntity(value: unknown): unknown {
  const code = codeShape.safeParse(value);
  return code.success ? { ...code.data, id: code.data.urn, documentState: 'ACTIVE' } : value;
}

const periodsShape = z.array(z.unknown());

function readPeriods(json: unknown): readonly unknown[] {
  const periods = periodsShape.safeParse(json);
  if (!periods.success) throw unlike('a list of curriculum periods', periods.error);
  return periods.data;
}

const texts = '{ en fi sv }';
const gradeFields = `localId name ${texts} passed abbreviation ${texts} numericCorrespondence`;
const gradeScalesQuery = `{ grade_scales { id name ${texts} abbreviation ${texts} grades { ${gradeFields} } } }`;

const errorsShape = z.object({
  errors: z.array(z.object({ message: z.string().catch('') }).catch({ message: '' })).min(1),
});
const gradeScalesShape = z.object({ data: z.object({ grade_scales: z.array(z.unknown()) }) });

// GraphQL reports failures under status 200, and may give a part of the data all the same.
function readGradeScales(json: unknown): readonly unknown[] {
  const failed = errorsShape.safeParse(json);
  if (failed.success) {
    const said = failed.data.errors.map(({ message }) => printable(message)).filter((text) => text !== '');
    throw new SourceError(
      ['SISU could not answer the question for grade scales', ...said.slice(0, 3)].join(': '),
      {
        code: 'source.graphql',
        recovery: 'retry',
        hint: 'nothing was published; if it stays, the API has changed and Sluice has to be adapted',
      },
    );
  }
  const scales = gradeScalesShape.safeParse(json);
  if (!scales.success) throw unlike('grade scales', scales.error);
  return scales.data.data.grade_scales;
}
