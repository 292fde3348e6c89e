import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/model/events.ts';
import { systemClock } from '../../../src/model/clock.ts';
import { createCommitter } from '../../../src/state/commit.ts';
import { realDisk } from '../../../src/state/disk.ts';
import { generationFile, type GenerationName, generationOf } from '../../../src/state/generations/names.ts';
import { mostGenerations } from '../../../src/state/generations/room.ts';
import { createGenerations, type Generations } from '../../../src/state/generations/generations.ts';
import { failingDisk, systemError } from '../failing-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';

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
    { number: 18, at: 0, reason: { by: 'run', runId: 'r0123456789a' }, edited: true },
    { number: 19, at: 0, reason: { by: 'edit' } },
  ];

  test.each(names)('$number tells number, time and reason, and is read back', (name) => {
    expect(generationOf(generationFile(name))).toEqual(name);
  });

  test('can be read by a person and sorted by ls', () => {
    expect(names.map(generationFile)).toEqual([
      '000001-20261121T080000Z-set.json',
      '000017-19700101T000000Z-run-r0123456789a.json',
      '1234567-20261121T080101Z-undo.json',
      '000018-19700101T000000Z-run-r0123456789a-edited.json',
      '000019-19700101T000000Z-edit.json',
    ]);
  });

  test.each([
    'state.json',
    '000001.json',
    '.generation.tmp',
    '000001-20261121T080000Z-run.json',
    '000001-20261121T080000Z-set-r1.json',
    '000001-20261121T080000Z-set-r1-edited.json',
    '000001-20261121T080000Z-edit-r1.json',
    '000001-20261121T080000Z-run--edited.json',
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
    expect(open().generations.any()).toBe(false);
  });

  test('by two at once has two numbers', async () => {
    const kept = open();
    await Promise.all([keep(kept, 'one'), keep(kept, 'two'), keep(kept, 'three')]);
    expect(versions(kept)).toEqual(['three', 'two', 'one']);
    expect(kept.generations.any()).toBe(true);
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

  test.each(['EROFS', 'EACCES', 'ENOSPC'])(
    '%s: what must be kept or not replaced is told to the caller',
    async (code) => {
      const kept = open();
      kept.disk.fail(code, { of: ['create', 'rename'] });
      const strict = kept.generations.strictKeeper({ by: 'undo' });
      await expect(strict(Buffer.from('one'))).rejects.toThrow(code);
      expect(kept.events).toEqual([]);
      kept.disk.clear();
      await strict(Buffer.from('one'));
      expect(versions(kept)).toEqual(['one']);
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

/** The file after so many runs. */
const textAfter = (runs: number, more = ''): string =>
  `[{ "list_id": "a", "latest_timestamp": "2026-11-21T0${more === '' ? 0 : 1}:00:00Z", "total_updates": ${runs}${more} }]`;
const runTo = async ({ generations }: Kept, from: number, to: number, more = ''): Promise<void> => {
  for (let run = from; run < to; run += 1) {
    await generations.keeper({ by: 'run', runId: `r${run}` })(Buffer.from(textAfter(run, more)));
  }
};
const numbers = ({ generations }: Kept): number[] => generations.all().map(({ number }) => number);
const counting = (from: number, to: number): number[] =>
  Array.from({ length: from - to + 1 }, (_, place) => from - place);

describe('when many runs end', () => {
  test('the versions before what a person did stay, in a folder of 50', async () => {
    const kept = open();
    await runTo(kept, 0, 10);
    await keep(kept, textAfter(10));
    await runTo(kept, 10, 20, ', "paused": true');
    await runTo(kept, 20, 300, ', "worker_count": 8');
    // 11 is what the command replaced, 21 what stood there before the edit by hand.
    expect(numbers(kept)).toEqual([...counting(301, 254), 21, 11]);
    expect(versions(kept).slice(-2)).toEqual([textAfter(19, ', "paused": true'), textAfter(10)]);
    expect(readdirSync(kept.folder).filter((name) => name.includes('edited'))).toEqual([
      expect.stringMatching(/^000021-\d{8}T\d{6}Z-run-r19-edited.json$/),
    ]);
  });

  test('an old folder of 50 plain ones is taken over as it is', async () => {
    const kept = open();
    mkdirSync(kept.folder);
    for (let number = 101; number <= 150; number += 1) {
      const reason = { by: 'run', runId: `r${number}` } as const;
      // The edit by hand was the first thing that happened.
      const text = textAfter(number, number === 101 ? '' : ', "paused": true');
      writeFileSync(join(kept.folder, generationFile({ number, at: number, reason })), text);
    }
    await runTo(kept, 151, 152, ', "paused": true');
    expect(numbers(kept)).toEqual([...counting(151, 103), 101]);
    await runTo(kept, 152, 300, ', "paused": true');
    expect(numbers(kept)).toEqual([...counting(299, 251), 101]);
  });

  test('one version is compared for each that is kept', async () => {
    const kept = open();
    await keep(kept, 'by hand');
    await runTo(kept, 0, 60);
    kept.disk.calls.length = 0;
    await runTo(kept, 60, 100);
    // The newest, and the two that are compared.
    expect(kept.disk.calls.filter((call) => call === 'read')).toHaveLength(40 * 3);
    expect(numbers(kept)).toHaveLength(mostGenerations);
  });

  test('what is no state file any more stays as long as what a person changed', async () => {
    const kept = open();
    await runTo(kept, 0, 2);
    const [second, first] = kept.generations.all();
    writeFileSync(second?.path ?? '', 'half a f');
    await runTo(kept, 2, 200);
    expect(numbers(kept).slice(-2)).toEqual([second?.number, first?.number]);
  });

  test('a disk that refuses to mark or remove stops nothing, and is asked again', async () => {
    const kept = open();
    const working = { ...kept.disk };
    await runTo(kept, 0, 1);
    await runTo(kept, 1, 50, ', "paused": true');
    let refused = 0;
    kept.disk.remove = (path) => (path.endsWith('.json') ? refuse() : working.remove(path));
    kept.disk.rename = (from, to) => (to.includes('edited') ? refuse() : working.rename(from, to));
    const refuse = (): void => {
      refused += 1;
      throw systemError('EACCES');
    };
    await runTo(kept, 50, 53, ', "paused": true');
    expect(numbers(kept)).toHaveLength(53);
    expect(kept.events).toEqual([]);
    expect(refused).toBeGreaterThan(3);
    Object.assign(kept.disk, working);
    await runTo(kept, 53, 54, ', "paused": true');
    expect(numbers(kept)).toEqual([...counting(54, 6), 1]);
  });

  test('twin: a folder that forgets who wrote forgets what a person did', async () => {
    const kept = open();
    await keep(kept, textAfter(0, ', "worker_count": 8'));
    renameSync(
      kept.generations.all()[0]?.path ?? '',
      join(kept.folder, generationFile({ number: 1, at: 0, reason: { by: 'run', runId: 'r0' } })),
    );
    await runTo(kept, 1, 200, ', "worker_count": 8');
    expect(numbers(kept)).not.toContain(1);
  });
});

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
