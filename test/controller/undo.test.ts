import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PersonCommand } from '../../src/model/commands.ts';
import { type Desk, openDesk } from './desk.ts';

// The way back when the file is gone or broken: the moment in which people want it.

const first = '2026-01-01T00:00:00Z';
const state = `[
  // by hand
  { "list_id": "l1", "latest_timestamp": "${first}", "worker_count": 4 },
  { "list_id": "l2" }
]
`;
const inForce = state.replace('"worker_count": 4', '"worker_count": 8');
const undo = (generation: number): PersonCommand => ({ type: 'undo', generation });

const broken: Readonly<Record<string, Buffer>> = {
  'is empty': Buffer.alloc(0),
  'is half a file': Buffer.from(inForce.slice(0, 60)),
  'is no list': Buffer.from('{ "list_id": "l1" }'),
  'is no text': Buffer.from([0xff, 0xfe, 0x5b]),
};
const obstacles: Readonly<Record<string, (path: string) => void>> = {
  'is missing': () => {},
  'is a folder': (path) => mkdirSync(path),
  'is a link to a file that is gone': (path) => symlinkSync('gone.json', path),
  'is a link into a folder that is gone': (path) => symlinkSync('gone/state.json', path),
};

/** A file of which one version was written, and which is broken then. */
async function breakIt(breaking: (path: string) => void): Promise<Desk> {
  const desk = await openDesk(state);
  await desk.commands.command({ type: 'set', id: 'l1', fields: { worker_count: 8 } });
  expect(desk.text()).toBe(inForce);
  // An identity of the version before must not be taken for one of the restored.
  rmSync(desk.path);
  breaking(desk.path);
  return desk;
}

const ways = [
  ...Object.entries(broken).map(
    ([name, bytes]) => [name, (path: string) => writeFileSync(path, bytes)] as const,
  ),
  ...Object.entries(obstacles),
];

describe.each(ways)('where the file %s', (_name, breaking) => {
  test('the last good version is the first to go back to', async () => {
    const desk = await breakIt(breaking);
    const listed = await desk.commands.generations(50);
    expect(listed).toMatchObject([
      {
        number: 2,
        by: 'edit',
        run: null,
        changes: [expect.stringMatching(/^the file (is not there|cannot be read) any more$/)],
      },
      { number: 1, by: 'set', changes: ['list "l1": worker_count 4 -> 8'] },
    ]);
    // Looking again makes no other one.
    expect(await desk.commands.generations(50)).toEqual(listed);
    const preview = await desk.commands.preview(undo(2));
    expect(preview).toEqual({
      refusal: null,
      changes: [
        expect.stringMatching(/^state.json (is not there|cannot be read \(.*\)): 2 entries come back/),
      ],
      costs: [],
    });
    expect(await desk.commands.command(undo(2))).toMatchObject({ done: true });
    expect(desk.text()).toBe(inForce);
    expect(desk.stateFile.entries.map(({ key }) => key)).toEqual(['e1', 'e2']);
    expect(await desk.commands.generations(1)).toMatchObject([{ changes: expect.anything() }]);
  });

  test('an earlier one is compared with the last good version, and costs what that costs', async () => {
    const desk = await breakIt(breaking);
    const { changes, costs } = await desk.commands.preview(undo(1));
    expect(changes).toEqual([
      expect.stringContaining('2 entries come back'),
      'list "l1": worker_count 8 -> 4',
    ]);
    expect(costs).toEqual([]);
    await desk.commands.command(undo(1));
    expect(desk.text()).toBe(state);
  });

  test('a command that writes says how to come out of it', async () => {
    const desk = await breakIt(breaking);
    const answer = await desk.commands.command({ type: 'pause', ids: 'all' });
    expect(answer).toMatchObject({
      done: false,
      message: expect.stringMatching(/^state.json (is not there|cannot be read just now)$/),
      hint: expect.stringContaining('./run.sh undo brings an earlier version back'),
      mistaken: false,
    });
  });
});

describe('what stood there', () => {
  test.each(Object.entries(broken))(
    'that %s is kept byte for byte, and the answer says where',
    async (_name, bytes) => {
      const desk = await breakIt((path) => writeFileSync(path, bytes));
      const answer = await desk.commands.command(undo(1));
      const message = answer.done ? answer.message : '';
      const [, name = ''] = /kept in (generations\/\S+-undo\.json)$/.exec(message) ?? [];
      expect(readFileSync(join(desk.folder, name))).toEqual(bytes);
    },
  );

  test('as a folder stays one, beside it', async () => {
    const desk = await breakIt((path) => {
      mkdirSync(path);
      writeFileSync(join(path, 'mine'), 'x');
    });
    const answer = await desk.commands.command(undo(1));
    const [, name = ''] = /is (state\.json\.aside-\S+) now$/.exec(answer.done ? answer.message : '') ?? [];
    expect(readFileSync(join(desk.folder, name, 'mine'), 'utf8')).toBe('x');
  });

  test('as a link stays one where its folder is there', async () => {
    const desk = await breakIt((path) => symlinkSync('real.json', path));
    expect(await desk.commands.command(undo(1))).toEqual({
      done: true,
      message: 'state.json is as it was before 1',
    });
    expect(lstatSync(desk.path).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(desk.folder, 'real.json'), 'utf8')).toBe(state);
  });

  test('cannot be undone away where it cannot be kept', async () => {
    const desk = await breakIt((path) => writeFileSync(path, 'two hours of work ['));
    expect(await refuseToKeep(desk, () => desk.commands.command(undo(1)))).toMatchObject({
      done: false,
      message: expect.stringContaining('could not be written'),
    });
    expect(desk.text()).toBe('two hours of work [');
  });

  test('twin: a keeper that only tells lets it go', async () => {
    const desk = await breakIt((path) => writeFileSync(path, 'two hours of work ['));
    const { generations } = desk;
    generations.strictKeeper = (reason) => generations.keeper(reason);
    await refuseToKeep(desk, () => desk.commands.command(undo(1)));
    expect(desk.text()).toBe(state);
    const names = readdirSync(desk.folder, { recursive: true, encoding: 'utf8' });
    const texts = names.flatMap((name) =>
      name.endsWith('json') ? readFileSync(join(desk.folder, name), 'utf8') : [],
    );
    expect(texts.join()).not.toContain('two hours');
  });
});

/** A folder that nothing can be written into, also by root: its temporary file is a folder that is not empty. */
async function refuseToKeep<T>({ folder }: Desk, work: () => Promise<T>): Promise<T> {
  const inTheWay = join(folder, 'generations/.generation.tmp');
  mkdirSync(join(inTheWay, 'x'), { recursive: true });
  try {
    return await work();
  } finally {
    rmSync(inTheWay, { recursive: true });
  }
}

describe('a file that was removed', () => {
  test('comes back also where nothing was ever written into it', async () => {
    const desk = await openDesk(state);
    rmSync(desk.path);
    expect(await desk.commands.generations(50)).toMatchObject([{ number: 1, by: 'edit' }]);
    await desk.commands.command(undo(1));
    expect(desk.text()).toBe(state);
  });

  test('and is there again when the undo comes is kept as a version', async () => {
    const desk = await breakIt(() => {});
    await desk.commands.preview(undo(1));
    desk.write('[]');
    expect(await desk.commands.command(undo(1))).toEqual({
      done: true,
      message: 'state.json is as it was before 1; undo 2 takes that back',
    });
    expect(desk.generations.read(2)).toBe('[]');
  });

  test('tells what reading again costs when its cursors go back', async () => {
    const desk = await openDesk(state.replace(first, '1990-01-01T00:00:00Z'));
    await desk.commands.command({ type: 'set', id: 'l1', fields: { latest_timestamp: first } });
    rmSync(desk.path);
    expect(await desk.costs(undo(1))).toEqual(['list "l1": reads about 1,200 records again']);
  });

  test('is not taken for one that was written before by an earlier undo', async () => {
    const desk = await breakIt((path) => writeFileSync(path, state));
    await desk.commands.command(undo(1));
    await desk.commands.command({ type: 'set', id: 'l1', fields: { worker_count: 5 } });
    await desk.commands.command(undo(1));
    rmSync(desk.path);
    expect(await desk.commands.command(undo(1))).toEqual({
      done: true,
      message: 'state.json is as it was before 1',
    });
  });
});

describe('a version', () => {
  test('that is not kept any more is told from one that never was', async () => {
    const desk = await breakIt((path) => writeFileSync(path, inForce));
    await desk.commands.command({ type: 'set', id: 'l1', fields: { worker_count: 5 } });
    rmSync(desk.generations.all().at(-1)?.path ?? '');
    expect(await desk.commands.command(undo(1))).toMatchObject({ message: 'version 1 is not kept any more' });
    expect(await desk.commands.command(undo(9))).toMatchObject({ message: 'there is no version 9' });
    expect(await desk.commands.command(undo(0))).toMatchObject({ message: 'there is no version 0' });
  });
});
