import type { EventBody } from '../../../src/model/events.ts';
import type { EntryReport } from '../../../src/model/status.ts';
import { sisuServices } from '../../../src/services/sisu.ts';
import { createClean } from '../../../src/view/tui/state/clean.ts';
import { createScreenStore } from '../../../src/view/tui/state/store.ts';
import { iso, report, type Scene, start } from './scene.ts';

const owner = { key: 'g', label: 'service "sisu"' };
const running = ['PERSON', 'ORGANISATION', 'COURSE_UNIT', 'EDUCATION'];

/** How one service of the group stands in the middle of a pass. */
function stands(id: string, at: number): Partial<EntryReport> {
  if (running.includes(id)) return { state: 'load', cursor: null, lastRun: null, nextRun: null };
  if (id === 'DISCLOSURE') {
    const cause = '403 from sis.example.org: you may not read DISCLOSURE';
    return { state: 'failed', nextRun: iso(start + 38_000), cause };
  }
  if (id === 'PLAN') return { state: 'paused', paused: true, nextRun: null };
  return at < 12 ? { state: 'ok' } : { state: 'due', lastRun: null, cursor: null, nextRun: null };
}

/** All 26 services in one entry, in the middle of their first pass: four run, one is forbidden, one paused. */
export function sisuScene(others: readonly EntryReport[] = []): Scene {
  const store = createScreenStore(createClean((text) => text));
  let now = start;
  const tell = (event: EventBody): void => void store.apply({ at: now, ...event });
  const entries = sisuServices.map(({ id }, at) =>
    report(`g/${id}`, {
      id,
      label: `service "${id}"`,
      service: id,
      group: 'sisu',
      owner,
      workerCount: 2,
      itemsPerRequest: 1000,
      cursor: 248_000_000 + at,
      ...stands(id, at),
    }),
  );
  tell({
    type: 'controller.started',
    version: '0.1.0',
    state: 'state/state.json',
    queue: 'redis://10.0.0.5:6379',
  });
  tell({ type: 'entries.known', entries: [...entries, ...others] });
  tell({ type: 'controller.checked', entries: 26, due: 26, running: 4 });
  for (const id of running) {
    const run = { entry: { key: `g/${id}`, label: `service "${id}"` }, runId: `r-${id}` };
    tell({ type: 'run.started', ...run, mode: 'LOAD', resumed: false, workers: 2 });
    tell({ type: 'run.chain', ...run, cursor: 0, after: 0 });
  }
  for (let page = 0; page < 8; page += 1) {
    now += 1000;
    for (const [at, id] of running.entries()) {
      const run = { entry: { key: `g/${id}`, label: `service "${id}"` }, runId: `r-${id}` };
      const read = { page, worker: 1, records: 1000, ms: 80, ordinal: 248_000_000 + page * 1000 + at };
      tell({ type: 'page.asked', ...run, page, worker: 1 });
      tell({ type: 'page.read', ...run, ...read });
      if (id !== 'EDUCATION') tell({ type: 'page.confirmed', ...run, page, records: 1000 });
    }
  }
  const waiting = { type: 'chunks.waiting', queue: 'importer-queue', unattended: true } as const;
  const name = { key: 'g/EDUCATION', label: 'service "EDUCATION"' };
  tell({ ...waiting, entry: name, runId: 'r-EDUCATION', chunks: 2, workers: 0 });
  store.setLetters(new Map([['g/MODULE', 3]]), []);
  store.setReady();
  return { store, now: now + 400 };
}

/** The same beside a list that is at 72 %. */
export function besideScene(): Scene {
  const scene = sisuScene([report('a', { id: 'news', label: 'list "news"', state: 'load', lastRun: null })]);
  const run = { entry: { key: 'a', label: 'list "news"' }, runId: 'r-news' };
  const tell = (ms: number, event: EventBody): void =>
    void scene.store.apply({ at: scene.now - ms, ...event });
  tell(8000, { type: 'run.started', ...run, mode: 'LOAD', resumed: false, workers: 8 });
  tell(8000, { type: 'run.window', ...run, window: { since: null, until: 1 }, total: 10_000 });
  for (let page = 0; page < 72; page += 1) {
    tell(7000 - page * 90, { type: 'page.confirmed', ...run, page, records: 100 });
  }
  return scene;
}
