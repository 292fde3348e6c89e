import { codebooks } from './codebooks.ts';
import { resources } from './resources.ts';
import { exportServices, type SisKind } from './services.ts';

/** The two addresses: `api` (SIS_API_URL) asks for credentials, `public` (SIS_PUBLIC_URL) does not. */
export type Door = 'api' | 'public';

const doors: Readonly<Record<Door, ReadonlyMap<string, SisKind>>> = {
  api: new Map<string, SisKind>([
    ...exportServices.map((service) => [resources[service].path, service] as const),
    ['/graphql', 'GRAPHQL_GRADE_SCALES'],
  ]),
  public: new Map<string, SisKind>([
    ...codebooks.map(
      ({ service, name }) => [`/kori/api/cached/codebooks/urn:code:${name}`, service] as const,
    ),
    ['/kori/api/curriculum-periods', 'CURRICULUM_PERIOD'],
  ]),
};

/** What a path leads to at a door; the colons of a urn may be escaped. */
export function findSisPlace(door: Door, path: string): SisKind {
  return doors[door].get(path.replaceAll(/%3a/gi, ':')) ?? 'other';
}
