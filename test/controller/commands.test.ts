import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCompletion } from '../../src/controller/completion.ts';
import { createLiveRun } from '../../src/controller/live-run.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { PersonCommand } from '../../src/model/commands.ts';
import { noTotals } from '../../src/model/run-totals.ts';
import { aRun } from '../support/stored-run.ts';
import { type Desk, openDesk } from './desk.ts';

// What a person asks, on real files and a simulated Mailchimp, without runs.

const first = '2026-01-01T00:00:00Z';
const state = `[
  // by hand
  { "list_id": "l1", "latest_timestamp": "${first}", "worker_count": 4 },
  { "id": "second", "list_id": "l2", "latest_timestamp": null },
  { "service": "demo" },
  { "service": "PERSON", "latest_ordinal": 500 }
]
`;

const set = (id: string, fields: Readonly<Record<string, unknown>>): PersonCommand => ({
  type: 'set',
  id,
  fields,
});
const done = async ({ commands }: Desk, command: PersonCommand): Promise<string> => {
  const answer = await commands.command(command);
  if (!answer.done) throw new Error(answer.message);
  return answer.message;
};
const refused = async ({ commands }: Desk, command: PersonCommand): Promise<string> => {
  const answer = await commands.command(command);
  const preview = await commands.preview(command);
  if (answer.done) throw new Error(`done: ${answer.message}`);
  // What is refused is refused before anything is asked as well.
  expect(preview.refusal?.message).toBe(answer.message);
  return answer.message;
};
const versions = ({ folder }: Desk): number => {
  try {
    return readdirSync(join(folder, 'generations')).length;
  } catch {
    return 0;
  }
};

const pausedIn = ({ stateFile }: Desk): string[] =>
  stateFile.entries.filter(({ entry }) => entry.paused === true).map(({ id }) => id);

/** Entries that run, as far as commands can tell. */
const running = (desk: Desk, ...ids: readonly string[]): void => {
  for (const entry of desk.stateFile.entries) {
    if (ids.includes(entry.id)) desk.live.set(entry.key, { ...createLiveRun(entry), begun: true });
  }
};

/** The saves that could not be merged. */
const asideTexts = ({ folder }: Desk): string[] =>
  readdirSync(folder)
    .filter((name) => name.includes('aside'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));

describe('set', () => {
  test('writes several fields at once, in the file’s own style, and says what changed', async () => {
    const desk = await openDesk(state);
    const said = await done(desk, set('l1', { worker_count: 8, schedule: '0 3 * * *' }));
    expect(said).toBe('list "l1": worker_count 4 -> 8, schedule (none) -> "0 3 * * *"');
    expect(desk.text()).toBe(
      state.replace('"worker_count": 4', '"worker_count": 8, "schedule": "0 3 * * *"'),
    );
    expect(versions(desk)).toBe(1);
    expect(desk.generations.read(1)).toBe(state);
  });

  test.each([
    [set('l1', { worker_count: 0 }), '"worker_count" must be a whole number from 1 to 100, found 0'],
    [set('l1', { worker_count: 8, latest_timestamp: 'soon' }), '"latest_timestamp" must be a UTC time'],
    [set('l1', { items_per_request: 5000 }), '"items_per_request" must be at most 1000'],
    [set('l1', { latest_ordinal: 7 }), '"latest_ordinal" does not fit here'],
    [set('l1', { schedule: 'at noon' }), '"schedule" cannot be read'],
    [set('l1', { service: 'demo' }), 'exactly one of "list_id" and "service"'],
    [set('l1', { id: 'second' }), '"id" must be unique'],
    [set('l1', { sink: 'nowhere' }), '"sink" must be one of'],
    [set('l1', { total_updates: 5 }), '"total_updates" is what the last run reported'],
    [set('l1', { worker_cuont: 5 }), 'did you mean "worker_count"?'],
    [set('nobody', { worker_count: 5 }), 'there is no entry "nobody"'],
    [set('secnod', { worker_count: 5 }), 'there is no entry "secnod"; did you mean "second"?'],
  ])('%j is refused and writes nothing', async (command, message) => {
    const desk = await openDesk(state);
    expect(await refused(desk, command)).toContain(message);
    expect(desk.text()).toBe(state);
    expect(versions(desk)).toBe(0);
    expect(await desk.commands.command(command)).toMatchObject({ mistaken: true });
  });

  test('twin: the same write without the look at the result makes an entry that cannot run', async () => {
    const desk = await openDesk(state);
    const [entry] = desk.stateFile.entries;
    const write = { identity: entry?.key ?? '', fields: { items_per_request: 5000 } };
    await desk.stateFile.write([write], AbortSignal.timeout(5000), { by: 'set' });
    expect(desk.stateFile.entries[0]?.problem).toBeDefined();
  });

  test('an entry that cannot run for another reason may be set, and mended', async () => {
    const desk = await openDesk('[{ "list_id": "l1", "worker_count": 0 }]');
    await done(desk, set('l1', { items_per_request: 5 }));
    await done(desk, set('l1', { worker_count: 2 }));
    expect(desk.stateFile.entries[0]?.problem).toBeUndefined();
  });

  test('what is so already is not written', async () => {
    const desk = await openDesk(state);
    expect(await done(desk, set('l1', { worker_count: 4 }))).toContain('nothing was written');
    expect(await done(desk, { type: 'resume', ids: ['l1'] })).toContain('nothing was written');
    expect(versions(desk)).toBe(0);
  });

  test('goes by the file as it was saved a moment ago', async () => {
    const desk = await openDesk(state);
    desk.write('[{ "list_id": "new" }]');
    await done(desk, set('new', { worker_count: 2 }));
    expect(desk.text()).toBe('[{ "list_id": "new", "worker_count": 2 }]');
  });

  test('a file that cannot be read is left alone', async () => {
    const desk = await openDesk(state);
    desk.write('[{ "list_id": "l1", ');
    expect(await refused(desk, set('l1', { worker_count: 2 }))).toBe('state.json cannot be read just now');
    expect(desk.text()).toBe('[{ "list_id": "l1", ');
    expect(await desk.commands.command(set('l1', { worker_count: 2 }))).toMatchObject({ mistaken: false });
  });
});

describe('a name', () => {
  const twice =
    '[{ "list_id": "l1", "id": "x" }, { "list_id": "l1" }, { "list_id": "l1" }, { "list_id": "l9" }]';

  test('is the id that status prints, or a list that only one entry has', async () => {
    const desk = await openDesk(twice);
    await done(desk, { type: 'pause', ids: ['l1#2'] });
    expect(JSON.parse(desk.text())).toMatchObject([{}, {}, { paused: true }, {}]);
    const other = await openDesk(state);
    expect(await done(other, { type: 'pause', ids: ['l2'] })).toContain('list "l2" is paused');
  });

  test('that several could have is refused with all of them', async () => {
    const desk = await openDesk('[{ "list_id": "l1", "id": "x" }, { "list_id": "l1", "id": "y" }]');
    const answer = await desk.commands.command({ type: 'pause', ids: ['l1'] });
    expect(answer).toEqual({
      done: false,
      message: '"l1" may be any of x, y',
      hint: 'name one of these, as status prints them',
      mistaken: true,
    });
  });

  test('of several, one of which is unknown, writes none', async () => {
    const desk = await openDesk(state);
    await refused(desk, { type: 'pause', ids: ['l1', 'nobody'] });
    expect(desk.text()).toBe(state);
  });
});

describe('pause and resume', () => {
  test('of all are one write', async () => {
    const desk = await openDesk(state);
    const said = await done(desk, { type: 'pause', ids: 'all' });
    expect(said).toBe(
      'list "l1", list "l2", service "demo", service "PERSON" are paused, also over a restart',
    );
    expect(desk.stateFile.entries.every(({ entry }) => entry.paused === true)).toBe(true);
    expect(versions(desk)).toBe(1);
    await done(desk, { type: 'resume', ids: ['l1', 'demo'] });
    expect(desk.stateFile.entries.map(({ entry }) => entry.paused)).toEqual([false, true, false, true]);
  });

  test('of 2,000 entries take no longer than a person waits: not a look at the file for each', async () => {
    const many = Array.from({ length: 2000 }, (_, at) => ({ list_id: `list${at}`, worker_count: 4 }));
    const desk = await openDesk(JSON.stringify(many, null, 2));
    const started = performance.now();
    await done(desk, { type: 'pause', ids: 'all' });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(desk.text().match(/"paused": true/g)).toHaveLength(2000);
  });
});

describe('the services of a group', () => {
  const group = '[{ "service": "sisu", "latest_ordinal": { "PERSON": 9, "MODULE": 7 } }]';

  test('are reset together, each to 0', async () => {
    const desk = await openDesk(group);
    expect(await desk.costs({ type: 'reset', id: 'sisu' })).toContainEqual(
      'service "PERSON": reads everything behind ordinal 0 again'.replace(
        'service "PERSON"',
        'service "PERSON", service "MODULE"',
      ),
    );
    await done(desk, { type: 'reset', id: 'sisu' });
    expect(JSON.parse(desk.text())).toMatchObject([
      { latest_ordinal: { PERSON: 0, MODULE: 0, COURSE_UNIT: 0 } },
    ]);
  });

  test('or one alone', async () => {
    const desk = await openDesk(group);
    await done(desk, { type: 'reset', id: 'PERSON' });
    expect(desk.text()).toBe(group.replace('9', '0'));
    await done(desk, set('MODULE', { latest_ordinal: 3 }));
    expect(desk.text()).toBe(group.replace('9', '0').replace('7', '3'));
  });

  test('are paused together by the group’s name', async () => {
    const desk = await openDesk(group);
    const all = 'service "sisu" (all 26 services)';
    expect(await done(desk, { type: 'pause', ids: ['sisu'] })).toBe(`${all} is paused, also over a restart`);
    expect(desk.text()).toBe(group.replace(' }]', ', "paused": true }]'));
    expect(pausedIn(desk)).toHaveLength(26);
    expect(await done(desk, { type: 'resume', ids: ['sisu'] })).toBe(`${all} goes on`);
    expect(pausedIn(desk)).toEqual([]);
  });

  test('are paused one by one, and the others go on', async () => {
    const desk = await openDesk(group);
    const said = await done(desk, { type: 'pause', ids: ['PERSON', 'MODULE'] });
    expect(said).toBe('service "PERSON", service "MODULE" are paused, also over a restart');
    expect(desk.text()).toBe(group.replace(' }]', ', "paused": {"PERSON":true,"MODULE":true} }]'));
    expect(pausedIn(desk)).toEqual(['PERSON', 'MODULE']);
    expect(versions(desk)).toBe(1);
    expect(await done(desk, { type: 'resume', ids: ['PERSON'] })).toBe('service "PERSON" goes on');
    expect(pausedIn(desk)).toEqual(['MODULE']);
    expect(await done(desk, { type: 'pause', ids: ['MODULE'] })).toContain('nothing was written');
    await done(desk, set('PLAN', { paused: true }));
    expect(pausedIn(desk)).toEqual(['MODULE', 'PLAN']);
    await done(desk, { type: 'resume', ids: ['sisu'] });
    expect(pausedIn(desk)).toEqual([]);
  });

  test('one that goes on while all are paused is the only one', async () => {
    const desk = await openDesk(group);
    await done(desk, { type: 'pause', ids: ['sisu'] });
    expect(await done(desk, { type: 'pause', ids: ['PERSON'] })).toContain('nothing was written');
    await done(desk, { type: 'resume', ids: ['PERSON', 'PLAN'] });
    expect(pausedIn(desk)).toHaveLength(24);
    expect(pausedIn(desk)).not.toContain('PERSON');
    expect(await refused(desk, { type: 'cancel', id: 'PERSON' })).toBe('service "PERSON" does not run');
  });

  test('share every other field: a change to one of them says how many it is for, before it is done', async () => {
    const desk = await openDesk(group);
    const command = set('PERSON', { worker_count: 3 });
    expect(await desk.costs(command)).toEqual([
      'service "PERSON": stands in "sisu": worker_count counts for all its 26 services',
    ]);
    expect(await done(desk, command)).toBe('service "sisu" (all 26 services): worker_count (none) -> 3');
    expect(desk.text()).toBe(group.replace(' }]', ', "worker_count": 3 }]'));
    expect(await desk.costs(set('PERSON', { paused: true }))).toEqual([]);
    expect(await desk.costs(set('sisu', { worker_count: 4 }))).toEqual([]);
  });

  test.each([
    [set('PERSON', { id: 'p' }), 'stands in the entry "sisu", whose id is that of all its services'],
    [set('PERSON', { service: 'PLAN' }), 'whose service is that of all its services'],
    [set('PERSON', { paused: { PLAN: true } }), 'must be true or false: service "PERSON" is one service'],
    [set('PERSON', { latest_ordinal: { PLAN: 1 } }), 'could not run like that'],
    [set('sisu', { paused: { NOBODY: true } }), '"paused" knows no service "NOBODY"'],
    [set('sisu', { latest_ordinal: 7 }), 'must be an object by service'],
  ])('%j is refused and writes nothing', async (command, message) => {
    const desk = await openDesk(group);
    expect(await refused(desk, command)).toContain(message);
    expect(desk.text()).toBe(group);
  });

  test('are named by the id of their entry too', async () => {
    const desk = await openDesk(group.replace('"service"', '"id": "prod", "service"'));
    await done(desk, { type: 'pause', ids: ['prod'] });
    expect(pausedIn(desk)).toHaveLength(26);
    await done(desk, { type: 'resume', ids: ['sisu'] });
    expect(pausedIn(desk)).toEqual([]);
    const unknown = await desk.commands.command({ type: 'pause', ids: ['prot'] });
    expect(unknown).toMatchObject({ message: 'there is no entry "prot"; did you mean "prod"?' });
  });

  test('that have an entry of their own have their own word', async () => {
    const desk = await openDesk('[{ "service": "sisu" }, { "service": "PERSON", "latest_ordinal": 3 }]');
    expect(await done(desk, { type: 'pause', ids: ['sisu'] })).toContain('(all 25 services) is paused');
    expect(pausedIn(desk)).not.toContain('PERSON');
    await done(desk, { type: 'pause', ids: ['PERSON'] });
    expect(desk.text()).toContain('"latest_ordinal": 3, "paused": true');
  });
});

describe('cancel', () => {
  test('ends the run of one service, pauses that one alone, and tells first where it goes on', async () => {
    const desk = await openDesk('[{ "service": "sisu", "latest_ordinal": { "PERSON": 9 } }]');
    running(desk, 'PERSON', 'MODULE');
    const [person, module] = desk.live.values();
    const chained = { kind: 'chained', since: 0, intended: undefined, overlapFrom: undefined } as const;
    desk.store.runs.begin({
      ...aRun({ id: 'r1', entry: person?.entry.key ?? '', frozen: person?.entry.raw ?? {} }),
      span: chained,
    });
    const command = { type: 'cancel', id: 'PERSON' } as const;
    expect(await desk.costs(command)).toEqual([
      'service "PERSON": it is paused; resumed, it reads on behind ordinal 9',
    ]);
    expect(await done(desk, command)).toBe('service "PERSON": the run is cancelled; it is paused now');
    expect(desk.text()).toContain('"paused": {"PERSON":true}');
    expect([person, module].map((run) => run?.cancel.signal.aborted)).toEqual([true, false]);
  });

  test('of the group ends all its runs', async () => {
    const desk = await openDesk('[{ "service": "sisu" }]');
    running(desk, 'PERSON', 'MODULE');
    expect(await desk.costs({ type: 'cancel', id: 'sisu' })).toEqual([
      'service "sisu": 2 runs end and all 26 services are paused; resumed, they read on from the file\'s ordinals',
    ]);
    expect(await done(desk, { type: 'cancel', id: 'sisu' })).toBe(
      'service "sisu" (all 26 services): 2 runs are cancelled; it is paused now',
    );
    expect(desk.text()).toBe('[{ "service": "sisu", "paused": true }]');
  });

  test('counts as runs only what has begun', async () => {
    const desk = await openDesk('[{ "service": "sisu" }]');
    running(desk, 'PERSON', 'MODULE');
    const waiting = desk.stateFile.entries.find(({ id }) => id === 'PLAN');
    if (waiting) desk.live.set(waiting.key, createLiveRun(waiting));
    const [cost] = await desk.costs({ type: 'cancel', id: 'sisu' });
    expect(cost).toContain(': 2 runs end, 1 that waits does not begin and all 26 services are paused;');
    expect(await done(desk, { type: 'cancel', id: 'sisu' })).toContain(': 2 runs are cancelled;');
    for (const run of desk.live.values()) expect(run.cancel.signal.aborted).toBe(true);
  });

  test('of a list says how much is read again', async () => {
    const desk = await openDesk(state);
    running(desk, 'l1');
    const [run] = desk.live.values();
    const totals = { ...noTotals, published: 720 };
    const entry = run?.entry.key ?? '';
    desk.store.runs.begin({ ...aRun({ id: 'r1', entry, frozen: run?.entry.raw ?? {} }), totals });
    expect(await desk.costs({ type: 'cancel', id: 'l1' })).toEqual([
      'list "l1": it is paused; resumed, it reads the 720 records it has done again',
    ]);
  });
});

describe('what it costs', () => {
  test('a reset: the records there are, asked of the source', async () => {
    const desk = await openDesk(state);
    expect(await desk.costs({ type: 'reset', id: 'l1' })).toEqual([
      'list "l1": reads about 1,200 records again',
    ]);
    expect(await desk.costs({ type: 'reset', id: 'PERSON' })).toEqual([
      'service "PERSON": reads everything behind ordinal 0 again',
    ]);
    expect(await desk.costs({ type: 'reset', id: 'second' })).toEqual([]);
  });

  test('a cursor that moves: back is read again, forward is left out', async () => {
    const desk = await openDesk(state);
    const l1 = 'list "l1": ';
    expect(await desk.costs(set('l1', { latest_timestamp: '1990-01-01T00:00:00Z' }))).toEqual([
      `${l1}reads about 1,200 records again`,
    ]);
    expect(await desk.costs(set('l1', { latest_timestamp: '2026-02-01T00:00:00Z' }))).toEqual([
      `${l1}what changed between ${first} and 2026-02-01T00:00:00Z is not read`,
    ]);
    expect(await desk.costs(set('second', { latest_timestamp: first }))).toEqual([
      `list "l2": what changed before ${first} is not read`,
    ]);
    expect(await desk.costs(set('PERSON', { latest_ordinal: 20 }))).toEqual([
      'service "PERSON": reads everything behind ordinal 20 again',
    ]);
    expect(await desk.costs(set('PERSON', { latest_ordinal: 900 }))).toEqual([
      'service "PERSON": what lies between the ordinals 500 and 900 is not read',
    ]);
  });

  test('another list begins where the cursor stands', async () => {
    const desk = await openDesk(state);
    const [line] = await desk.costs(set('l1', { list_id: 'l2' }));
    expect(line).toMatch(
      new RegExp(`^list "l2": reads about \\d+ records?; what changed there before ${first} is not read$`),
    );
    expect(await desk.costs(set('second', { list_id: 'l1' }))).toEqual([
      'list "l1": reads about 1,200 records',
    ]);
  });

  test('other fields cost nothing', async () => {
    const desk = await openDesk(state);
    for (const fields of [{ worker_count: 9 }, { start_offset: 5 }, { paused: true }]) {
      expect(await desk.costs(set('l1', fields))).toEqual([]);
    }
  });

  test('a run that is on, or waits to be gone on with, is cancelled with what it has done', async () => {
    const desk = await openDesk(state);
    const [entry] = desk.stateFile.entries;
    if (!entry) throw new Error('no entry');
    const totals = { ...noTotals, published: 720 };
    desk.store.runs.begin({ ...aRun({ id: 'r1', entry: entry.key, frozen: entry.raw }), totals });
    const again = 'reads about 1,200 records again';
    expect(await desk.costs({ type: 'reset', id: 'l1' })).toEqual([
      `list "l1": the unfinished run is dropped, and the 720 records it has done are read again; ${again}`,
    ]);
    desk.live.set(entry.key, { ...createLiveRun(entry), begun: true });
    expect(await desk.costs({ type: 'reset', id: 'l1' })).toEqual([
      `list "l1": the run that is on is cancelled, and the 720 records it has done are read again; ${again}`,
    ]);
    expect(await desk.costs(set('l1', { worker_count: 9 }))).toEqual([]);
  });

  test('a source that cannot be asked delays nobody for long and is no reason to refuse', async () => {
    const desk = await openDesk(state, { askMs: 300 });
    await desk.simulator.close();
    const started = performance.now();
    const [line] = await desk.costs({ type: 'reset', id: 'l1' });
    expect(line).toMatch(/^list "l1": reads everything again \(how much that is could not be asked: /);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('a result that was written and not noted down when the process was killed', () => {
  const from = '2026-11-21T08:00:00Z';
  const to = '2026-11-21T10:00:00Z';

  /** A person goes back to where the run began, before or after its end was settled; then the next start settles it. */
  async function goBack(isSettled: boolean): Promise<unknown> {
    const desk = await openDesk(`[{ "list_id": "l1", "latest_timestamp": "${to}" }]`);
    const { store, stateFile } = desk;
    const entry = stateFile.entries[0]?.key ?? '';
    store.runs.begin(aRun({ entry, frozen: { list_id: 'l1', latest_timestamp: from }, cursorTo: to }));
    store.runs.complete('r1', { totals: noTotals, cursorTo: to, tail: new Map() });
    const completion = createCompletion({ store, stateFile, clock: systemClock, emit: () => {} });
    const { signal } = new AbortController();
    if (isSettled) await completion.catchUp(signal);
    await done(desk, set('l1', { latest_timestamp: from }));
    await completion.catchUp(signal);
    return stateFile.entries[0]?.raw['latest_timestamp'];
  }

  test('is settled before a person moves the cursor, and stays where the person put it', async () => {
    expect(await goBack(true)).toBe(from);
  });

  test('twin: settled afterwards, it moves the cursor on against the person’s word', async () => {
    expect(await goBack(false)).toBe(to);
  });
});

describe('undo', () => {
  test('lists the writes as differences, newest first', async () => {
    const desk = await openDesk(state);
    expect(await desk.commands.generations(50)).toEqual([]);
    await done(desk, set('l1', { worker_count: 8 }));
    await done(desk, { type: 'reset', id: 'l1' });
    desk.write(desk.text().replace('"service": "demo"', '"service": "demo", "paused": true'));
    expect(await desk.commands.generations(50)).toMatchObject([
      {
        number: 2,
        by: 'reset',
        run: null,
        changes: [`list "l1": latest_timestamp ${first} -> null`, 'service "demo": paused (none) -> true'],
      },
      { number: 1, by: 'set', changes: ['list "l1": worker_count 4 -> 8'] },
    ]);
    expect(await desk.commands.generations(1)).toHaveLength(1);
  });

  test('brings a version back byte for byte, and can be undone itself', async () => {
    const odd = `\uFEFF${state.replaceAll('\n', '\r\n')}\t// the end`;
    const desk = await openDesk(odd);
    await done(desk, { type: 'reset', id: 'l1' });
    const reset = readFileSync(desk.path);
    const undo = await desk.commands.preview({ type: 'undo', generation: 1 });
    expect(undo).toEqual({
      refusal: null,
      changes: [`list "l1": latest_timestamp null -> ${first}`],
      costs: [{ label: 'list "l1"', text: `what changed before ${first} is not read` }],
    });
    expect(await done(desk, { type: 'undo', generation: 1 })).toBe(
      'state.json is as it was before 1; undo 2 takes that back',
    );
    expect(readFileSync(desk.path)).toEqual(Buffer.from(odd));
    expect(await done(desk, { type: 'undo', generation: 2 })).toContain('undo 3 takes that back');
    expect(readFileSync(desk.path)).toEqual(reset);
    expect(desk.stateFile.entries[0]?.raw['latest_timestamp']).toBeNull();
    expect(await done(desk, { type: 'undo', generation: 2 })).toBe(
      'state.json is already as it was before 2',
    );
  });

  test('of a cursor that moved on says what is read again', async () => {
    const desk = await openDesk(state.replace(first, '1990-01-01T00:00:00Z'));
    await done(desk, set('l1', { latest_timestamp: first }));
    expect(await desk.costs({ type: 'undo', generation: 1 })).toEqual([
      'list "l1": reads about 1,200 records again',
    ]);
  });

  test('mends a file that a person broke, and keeps the broken one', async () => {
    const desk = await openDesk(state);
    await done(desk, set('l1', { worker_count: 8 }));
    desk.write('[{ broken');
    await done(desk, { type: 'undo', generation: 1 });
    expect(desk.text()).toBe(state);
    expect(desk.generations.read(2)).toBe('[{ broken');
    // Which is no version to go back to.
    expect(await refused(desk, { type: 'undo', generation: 2 })).toContain('is no state file');
    expect(desk.text()).toBe(state);
  });

  test('brings removed entries back, with who they were', async () => {
    const desk = await openDesk(state);
    await done(desk, set('l1', { worker_count: 8 }));
    desk.write('[]');
    await done(desk, { type: 'undo', generation: 1 });
    expect(desk.stateFile.entries.map(({ id }) => id)).toEqual(['l1', 'second', 'demo', 'PERSON']);
  });

  const save = '[{ "list_id": "l1", "note": "saved meanwhile" }]';

  test('that meets a person’s save keeps the save as a version', async () => {
    let isArmed = false;
    const desk = await openDesk(state, {}, (point) => {
      if (!isArmed || point !== 'state.sync.after') return;
      isArmed = false;
      desk.write(save);
    });
    await done(desk, set('l1', { worker_count: 8 }));
    isArmed = true;
    expect(await done(desk, { type: 'undo', generation: 1 })).toContain('undo 2 takes that back');
    expect(desk.text()).toBe(state);
    expect(desk.generations.read(2)).toBe(save);
  });

  test('does not lose what an editor writes into the file that was replaced', async () => {
    const desk = await openDesk(state);
    await done(desk, set('l1', { worker_count: 8 }));
    await saveLate(desk, async () => void (await done(desk, { type: 'undo', generation: 1 })));
    expect(desk.text()).toBe(state);
    expect(asideTexts(desk)).toEqual([save]);
  });

  test('twin: a version put over whatever stands there loses it', async () => {
    const desk = await openDesk(state);
    const { signal } = new AbortController();
    await saveLate(desk, async () => void (await desk.committer.commit(() => '[]', signal)));
    expect(desk.text()).toBe('[]');
    expect(asideTexts(desk)).toEqual([]);
  });

  /** An editor that has the file open writes into it just after it was replaced. */
  async function saveLate(desk: Desk, replace: () => Promise<void>): Promise<void> {
    const editor = openSync(desk.path, 'r+');
    await replace();
    ftruncateSync(editor);
    writeSync(editor, save, 0);
    closeSync(editor);
    await desk.committer.settle();
  }

  test('goes back to ends of runs and to commands, not to each ordinal of a run', async () => {
    const desk = await openDesk(state);
    const [entry] = desk.stateFile.entries;
    const write = { identity: entry?.key ?? '', fields: { worker_count: 5 } };
    const { signal } = new AbortController();
    await desk.stateFile.write([write], signal);
    expect(versions(desk)).toBe(0);
    await desk.stateFile.write([{ ...write, fields: { worker_count: 6 } }], signal, {
      by: 'run',
      runId: 'r7',
    });
    expect(await desk.commands.generations(9)).toMatchObject([{ number: 1, by: 'run', run: 'r7' }]);
  });

  test('of a number that there is not says which there are', async () => {
    const desk = await openDesk(state);
    expect(await refused(desk, { type: 'undo', generation: 1 })).toContain('nothing was written yet');
    await done(desk, set('l1', { worker_count: 8 }));
    expect(await desk.commands.command({ type: 'undo', generation: 7 })).toEqual({
      done: false,
      message: 'there is no version 7',
      hint: 'undo lists what there is: 1 to 1',
      mistaken: true,
    });
  });

  test('where no version can be kept goes on and tells', async () => {
    const desk = await openDesk(state);
    await done(desk, set('l1', { worker_count: 8 }));
    const [{ path } = { path: '' }] = desk.generations.all();
    const kept = readFileSync(path);
    rmSync(join(desk.folder, 'generations'), { recursive: true });
    writeFileSync(join(desk.folder, 'generations'), kept);
    await done(desk, set('l1', { worker_count: 9 }));
    expect(desk.text()).toContain('"worker_count": 9');
    expect(desk.events).toContainEqual(expect.objectContaining({ type: 'notice', level: 'warn' }));
    await expect(desk.commands.generations(50)).rejects.toThrow('cannot be read');
  });
});
