import { createControls, type Controls } from '../controls.ts';
import { listen, shut } from '../listen.ts';
import { problem, type Problem } from '../problem.ts';
import { scatter } from '../random.ts';
import type { Answer } from '../reply.ts';
import { createRequestListener, type Asked } from '../serve.ts';
import { checkSisOptions } from './check-sis-options.ts';
import { createContents } from './contents.ts';
import { refuseSis } from './credentials.ts';
import { createDoor } from './door.ts';
import { exportPage } from './export-page.ts';
import type { SisOptions } from './options.ts';
import { findSisPlace, type Door } from './places.ts';
import { isExportService, type SisKind, type SisService } from './services.ts';
import { createSisBook, type SisBook } from './sis-book.ts';
import { createUniversity } from './university.ts';

export interface SisSimulator extends SisBook, Controls<SisKind> {
  /** What to put into SIS_API_URL: exports and GraphQL. */
  readonly url: string;
  /** What to put into SIS_PUBLIC_URL: codebooks and curriculum periods, without credentials. */
  readonly publicUrl: string;
  /** Whether a service answers 403, from now on. */
  forbid(service: SisService, forbidden: boolean): void;
  /** Breaks all connections and frees the ports. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in for the export APIs of SISU (apis.md 3, systems.md 2) with all 26 services, whose contents change
 * while they are read, by seed and clock alone. Rejects with SettingError for an option that cannot be and a port that
 * is taken.
 */
export async function startSis(options: SisOptions = {}): Promise<SisSimulator> {
  checkSisOptions(options);
  const { seed = 1, auth = { kind: 'none' }, tls } = options;
  const { controls, desk } = createControls(options, scatter(seed, 0));
  const university = createUniversity(options, desk.now);
  const contents = createContents();
  const forbidden = new Set<SisService>(options.forbidden);
  const api = await openDoor('api', options.port ?? 0);
  const open = await openDoor('public', options.publicPort ?? 0).catch(async (error: unknown) => {
    await shut(api.server);
    throw error;
  });

  return {
    ...createSisBook(university, contents),
    ...controls,
    // Once more, as the line above copies what the count is at this moment.
    get requests() {
      return controls.requests;
    },
    url: api.url,
    publicUrl: open.url,
    forbid(service, isForbidden) {
      if (isForbidden) forbidden.add(service);
      else forbidden.delete(service);
    },
    async close() {
      await shut(open.server);
      await shut(api.server);
    },
  };

  async function openDoor(door: Door, port: number) {
    const server = createDoor(door, tls);
    const listener = createRequestListener({
      ...desk,
      kindOf: (path = '') => findSisPlace(door, path),
      refuse: ({ headers }, kind) => (door === 'api' ? refuseSis(headers, kind, auth) : undefined),
      look: (asked) => look(findSisPlace(door, asked.path), asked),
      maxConnections: Infinity,
      errorsAt: 'about:blank',
    });
    server.on('request', listener);
    const bound = await listen(server, port);
    // A certificate names a host, not an address.
    return { server, url: tls ? `https://localhost:${bound}` : `http://127.0.0.1:${bound}` };
  }

  function look(kind: SisKind, asked: Asked): Answer | Problem {
    if (kind === 'other') return problem(404);
    if (forbidden.has(kind)) return problem(403);
    if (!isExportService(kind)) return contents.answer(kind, asked);
    if (asked.method !== 'GET') return problem(405);
    const now = university.now();
    return exportPage(university.exported(kind), asked.query, now);
  }
}
