import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import { systemClock } from '../../src/model/clock.ts';
import { createCommitter } from '../../src/state/commit.ts';
import { realDisk } from '../../src/state/disk.ts';
import { generationFile, type GenerationName, generationOf } from '../../src/state/generation-names.ts';
import { createGenerations, type Generations, mostGenerations } from '../../src/state/generations.ts';
import { failingDisk } from './failing-disk.ts';
import { temporaryFolder } from './temporary-folder.ts';

// S5: what the controller replaces is kept, and brought back byte for byte.

const never = new AbortController().signal;

interface Kept {
  readonly folder: string;
  readonly generations: Generations;
  readonly events: EventBody[];
  readonly disk: ReturnType<typeof failingDisk>;
}

function open(state = temporaryFolder()): Kept {
  const folder = join(state, 'generations');
  const events: EventBody[] = [];
  const disk = failingDisk();
  let seconds = 1_700_000_000;
  const now = (): number => (seconds += 60) * 1000;
  const generations = createGenerations({ folder, now, emit: (event) => void events.push(event), disk });
  return { folder, generations, events, disk };
}

const keep = async (
  { generations }: Kept,
  text: string | Buffer,
  by: 'set' | 'undo' = 'set',
): Promise<void> => await generations.keeper({ by })(Buffer.from(text));

describe('the name of a version', () => {
  const names: readonly GenerationName[] = [
    { number: 1, at: 1_795_248_000, reason: { by: 'set' } },
    { number: 17, at: 0, reason: { by: 'run', runId: 'r0123456789a' } },
    { number: 1_234_567, at: 1_795_248_061, reason: { by: 'undo' } },
  ];

  test.each(names)('$number tells number, time and reason, and is read back', (name) => {
    expect(generationOf(generationFile(name))).toEqual(name);
  });

  test('can be read by a person and sorted by ls', () => {
    expect(names.map(generationFile)).toEqual([
      '000001-20261121T080000Z-set.json',
      '000017-19700101T000000Z-run-r0123456789a.json',
      '1234567-20261121T080101Z-undo.json',
    ]);
  });

  test.each([
    'state.json',
    '000001.json',
    '.generation.tmp',
    '000001-20261121T080000Z-run.json',
    '000001-20261121T080000Z-set-r1.json',
    '000001-20261121T080000Z-unknown.json',
    '000001-20261399T080000Z-set.json',
    '000001-20261121T080000Z-set.json.bak',
    '0000000000000000001-20261121T080000Z-set.json',
  ])('%s is none', (name) => {
    expect(generationOf(name)).toBeUndefined();
  });
});

describe('what was replaced', () => {
  test('is kept byte for byte, newest first', async () => {
    const kept = open();
    const odd = '\uFEFF[\r\n\t{ "list_id": "ä" } // mine\r\n]';
    await keep(kept, odd);
    await keep(kept, '[]', 'undo');
    expect(kept.generations.all().map(({ number, reason }) => [number, reason.by])).toEqual([
      [2, 'undo'],
      [1, 'set'],
    ]);
    expect(kept.generations.read(1)).toBe(odd);
    const [, first] = kept.generations.all();
    expect(readFileSync(first?.path ?? '')).toEqual(Buffer.from(odd));
    expect(kept.generations.read(3)).toBeUndefined();
  });

  test('is for its owner alone', async () => {
    const kept = open();
    await keep(kept, '[]');
    expect(statSync(kept.generations.all()[0]?.path ?? '').mode & 0o777).toBe(0o600);
  });

  test('twice in a row is kept once, as what the newest write replaced', async () => {
    const kept = open();
    await keep(kept, 'one');
    await keep(kept, 'two');
    await keep(kept, 'two', 'undo');
    await keep(kept, 'one');
    expect(kept.generations.all().map(({ number, reason }) => [number, reason.by])).toEqual([
      [3, 'set'],
      [2, 'undo'],
      [1, 'set'],
    ]);
    expect(readdirSync(kept.folder)).toHaveLength(3);
  });

  test('60 times leaves 50, and the numbers go on', async () => {
    const kept = open();
    for (let write = 1; write <= 60; write += 1) await keep(kept, `text ${write}`);
    const all = kept.generations.all();
    expect(all.map(({ number }) => number)).toEqual(
      Array.from({ length: mostGenerations }, (_, at) => 60 - at),
    );
    expect(kept.generations.read(11)).toBe('text 11');
    expect(readdirSync(kept.folder)).toHaveLength(mostGenerations);
  });

  test('a person’s own files in the folder are passed over and left alone', async () => {
    const kept = open();
    mkdirSync(join(kept.folder, 'mine'), { recursive: true });
    mkdirSync(join(kept.folder, '000009-20261121T080000Z-set.json'));
    writeFileSync(join(kept.folder, 'note.txt'), 'x');
    for (let write = 1; write <= 60; write += 1) await keep(kept, `text ${write}`);
    expect(readdirSync(kept.folder)).toEqual(expect.arrayContaining(['mine', 'note.txt']));
    expect(kept.generations.read(69)).toBe('text 60');
    expect(kept.events).toEqual([]);
  });

  test('a version that is no text any more is not read', async () => {
    const kept = open();
    await keep(kept, 'one');
    writeFileSync(kept.generations.all()[0]?.path ?? '', Buffer.from([0xff, 0xfe]));
    expect(kept.generations.read(1)).toBeUndefined();
  });

  test('a folder that was never made holds nothing', () => {
    expect(open().generations.all()).toEqual([]);
  });

  test('a folder that cannot be read is an error', () => {
    const kept = open();
    writeFileSync(kept.folder, '');
    expect(() => kept.generations.all()).toThrow('cannot be read');
  });
});

describe('where it cannot be kept', () => {
  test.each(['EROFS', 'EACCES', 'ENOSPC'])(
    '%s: it is told once, stops nothing, and goes on when it clears',
    async (code) => {
      const kept = open();
      await keep(kept, 'one');
      kept.disk.fail(code, { of: ['create', 'rename'] });
      await keep(kept, 'two');
      await keep(kept, 'three');
      expect(kept.events).toHaveLength(1);
      expect(kept.events[0]).toMatchObject({
        type: 'notice',
        level: 'warn',
        message: expect.stringMatching(
          new RegExp(`^undo cannot go back to the version before this write: .*${code}`),
        ),
      });
      kept.disk.clear();
      await keep(kept, 'four');
      expect(kept.generations.all().map(({ number }) => kept.generations.read(number))).toEqual([
        'four',
        'one',
      ]);
      kept.disk.fail(code, { of: ['create'] });
      await keep(kept, 'five');
      expect(kept.events).toHaveLength(2);
    },
  );

  test('a file in the folder’s place stops nothing', async () => {
    const kept = open();
    writeFileSync(kept.folder, 'mine');
    await keep(kept, 'one');
    expect(readFileSync(kept.folder, 'utf8')).toBe('mine');
    expect(kept.events).toHaveLength(1);
  });

  test('a folder without a right to write stops nothing', async (context) => {
    if (process.getuid?.() === 0) context.skip('root may write everywhere');
    const kept = open();
    mkdirSync(kept.folder, { mode: 0o500 });
    await keep(kept, 'one');
    chmodSync(kept.folder, 0o700);
    expect(kept.events).toHaveLength(1);
  });
});

const versions = ({ generations }: Kept): unknown[] =>
  generations.all().map(({ number }) => generations.read(number));

describe('a write', () => {
  const before = '[{"list_id":"a"}]';
  const after = '[{"list_id":"a","paused":true}]';

  interface Written {
    readonly kept: Kept;
    readonly path: string;
    readonly commit: (edit: (text: string) => string | undefined) => Promise<void>;
  }

  function writable(): Written {
    const folder = temporaryFolder();
    const path = join(folder, 'state.json');
    writeFileSync(path, before);
    const kept = open(folder);
    const committer = createCommitter({ path, clock: systemClock, emit: () => {} });
    return {
      kept,
      path,
      commit: async (edit) =>
        void (await committer.commit(edit, never, kept.generations.keeper({ by: 'set' }))),
    };
  }
  test('keeps what it replaced', async () => {
    const { kept, path, commit } = writable();
    await commit(() => after);
    expect(readFileSync(path, 'utf8')).toBe(after);
    expect(versions(kept)).toEqual([before]);
  });

  test('that changes nothing, or cannot be, keeps nothing', async () => {
    const { kept, commit } = writable();
    await commit((text) => text);
    await commit(() => undefined);
    expect(versions(kept)).toEqual([]);
  });

  test('that meets a person’s save keeps the save, not what was there before it', async () => {
    const { kept, path, commit } = writable();
    const saved = '[{"list_id":"b"}]';
    let tries = 0;
    await commit((text) => {
      tries += 1;
      // After it was read and before it is compared.
      if (tries === 1) writeFileSync(path, saved);
      return `${text} `;
    });
    expect(tries).toBe(2);
    expect(versions(kept)).toEqual([saved]);
  });

  test('the twin that keeps what was first read would give back what nobody wants', async () => {
    const { kept, path, commit } = writable();
    const saved = '[{"list_id":"b"}]';
    let first: Buffer | undefined;
    const { generations } = kept;
    const real = generations.keeper({ by: 'set' });
    generations.keeper = () => async (bytes) => await real((first ??= bytes));
    let tries = 0;
    await commit((text) => {
      tries += 1;
      if (tries === 1) writeFileSync(path, saved);
      return `${text} `;
    });
    expect(versions(kept)).toEqual([before]);
  });

  test('whose version was kept at a real disk leaves no temporary file', async () => {
    const { kept, commit } = writable();
    await commit(() => after);
    expect(realDisk.list(kept.folder).filter((name) => generationOf(name) === undefined)).toEqual([]);
  });
});
