import type { ChainedSource } from './contract.ts';
import { type SisConnection, createSisAsk } from './sis-ask.ts';
import { type KeyFields, createKeyReader } from './sis-key.ts';
import { readSisPage } from './sis-page.ts';

export interface SisExportOptions {
  readonly connection: SisConnection;
  /** The resource, API included: `/ori/api/persons/v1/export`. */
  readonly path: string;
  readonly keyFields: KeyFields;
  /** What the resource calls the ordinal to read after; `since` for nearly all of them (apis.md 3.1). */
  readonly sinceName?: string | undefined;
}

/**
 * One resource of SISU's export API in the order of its ordinals (systems.md 2.1, apis.md 3). The next page begins at
 * the greatest ordinal of the last one, for as long as `hasMore` says so.
 * Rejects with what SisAsk and readSisPage reject with.
 */
export function createSisExportSource(options: SisExportOptions): ChainedSource {
  const { connection, path, keyFields, sinceName = 'since' } = options;
  const ask = createSisAsk(connection);
  const readKey = createKeyReader(keyFields);
  return {
    async read({ after, limit }, signal, onReceived) {
      const query = new URLSearchParams({ [sinceName]: String(after), limit: String(limit) });
      const answer = await ask({ path: `${path}?${query.toString()}`, onBody: onReceived }, signal);
      const page = readSisPage(answer.json, { after, limit, readKey });
      return { ...page, now: answer.date ?? answer.received, bytes: answer.bytes };
    },
  };
}
