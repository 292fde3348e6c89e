import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import { createLogFile } from '../../src/view/log-file.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { at, everyEvent } from './every-event.ts';

// S23: daily NDJSON, 14 days, 100 MB, mode 0600.

const day = 86_400_000;
const note = (message: string): EventBody => ({ type: 'notice', level: 'info', topic: 'test', message });

interface Opened {
  readonly folder: string;
  readonly problems: string[];
  readonly log: (when: number, event?: EventBody) => void;
  readonly names: () => string[];
  readonly lines: (name: string) => string[];
}

function open(folder = join(temporaryFolder(), 'logs')): Opened {
  const problems: string[] = [];
  const file = createLogFile({
    folder,
    redact: (text) => text,
    onProblem: (message) => problems.push(message),
  });
  return {
    folder,
    problems,
    log: (when, event = note('x')) => file.show({ at: when, ...event }),
    names: () => readdirSync(folder).toSorted(),
    lines: (name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'),
  };
}

/** A log of some day, of that size without taking it. */
function putLog(folder: string, name: string, bytes = 10): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), '');
  truncateSync(join(folder, name), bytes);
}

function dayName(when: number): string {
  return `${new Date(when).toISOString().slice(0, 10)}.ndjson`;
}

test('every event but single pages and the view of all entries is a line of the file of its day', () => {
  const { log, lines, names } = open();
  for (const event of everyEvent) log(event.at, event);
  expect(names()).toEqual(['2026-11-21.ndjson']);
  const types = lines('2026-11-21.ndjson').map((line) => /"type":"([a-z.]+)"/.exec(line)?.[1]);
  expect(types).toEqual(
    everyEvent
      .map(({ type }) => type)
      .filter((type) => !type.startsWith('page.') && type !== 'entries.known'),
  );
});

test('a new day is a new file, at midnight UTC wherever this machine is', () => {
  process.env['TZ'] = 'Pacific/Auckland';
  const { log, names } = open();
  log(Date.UTC(2026, 10, 21, 23, 59, 59));
  log(Date.UTC(2026, 10, 22, 0, 0, 0));
  expect(names()).toEqual(['2026-11-21.ndjson', '2026-11-22.ndjson']);
});

test('only its owner can read it, and the folder', () => {
  const { folder, log } = open();
  const before = process.umask(0);
  log(at);
  process.umask(before);
  expect(statSync(join(folder, '2026-11-21.ndjson')).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a second start on the same day goes on in the same file', () => {
  const first = open();
  first.log(at, note('one'));
  const second = open(first.folder);
  second.log(at, note('two'));
  expect(second.lines('2026-11-21.ndjson').map((line) => /(one|two)/.exec(line)?.[1])).toEqual([
    'one',
    'two',
  ]);
});

describe('14 days', () => {
  test('stay, today included; older logs go, and files that are no logs stay', () => {
    const { folder, log, names } = open();
    for (let back = 1; back <= 20; back += 1) putLog(folder, dayName(at - back * day));
    for (const name of ['notes.txt', '2020-01-01.ndjson.bak', '2020-01.ndjson']) putLog(folder, name);
    log(at);
    const kept = names().filter((name) => /^\d{4}-\d\d-\d\d\.ndjson$/.test(name));
    expect(kept).toHaveLength(14);
    expect(kept[0]).toBe('2026-11-08.ndjson');
    expect(names()).toEqual(expect.arrayContaining(['notes.txt', '2020-01-01.ndjson.bak', '2020-01.ndjson']));
  });

  test('also while the program runs for weeks', () => {
    const { log, names } = open();
    for (let ahead = 0; ahead < 30; ahead += 1) log(at + ahead * day);
    expect(names()).toHaveLength(14);
  });
});

describe('100 MB', () => {
  test('the oldest go first, until half of the room is free for the day', () => {
    const { folder, log, names } = open();
    for (let back = 1; back <= 6; back += 1) putLog(folder, dayName(at - back * day), 20_000_000);
    log(at);
    expect(names()).toEqual(['2026-11-19.ndjson', '2026-11-20.ndjson', '2026-11-21.ndjson']);
  });

  test('all days together never take more, however much a day has to say', () => {
    const { folder, log, problems } = open();
    putLog(folder, dayName(at - day), 49_999_000);
    putLog(folder, dayName(at), 1000);
    for (let round = 0; round < 60; round += 1) log(at, note('é'.repeat(500_000)));
    const total = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(total).toBeLessThanOrEqual(100_000_000);
    expect(total).toBeGreaterThan(98_000_000);
    expect(problems).toHaveLength(1);
  });

  test('a day that is full is told once, and the next one is written again', () => {
    const { folder, log, problems, names } = open();
    putLog(folder, dayName(at), 99_999_950);
    for (let round = 0; round < 3; round += 1) log(at);
    expect(problems).toEqual([`the log is full until midnight UTC: ${folder} may hold 100 MB`]);
    log(at + day);
    expect(names()).toContain('2026-11-22.ndjson');
    expect(problems).toHaveLength(1);
  });
});

describe('a disk that makes trouble', () => {
  test('is told once, stops nothing, and is written to again when it is well', () => {
    const { folder, log, problems, lines } = open();
    writeFileSync(folder, 'a file where the folder should be');
    for (let round = 0; round < 3; round += 1) log(at);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^the log cannot be written: E/);
    rmSync(folder);
    log(at, note('well again'));
    expect(lines('2026-11-21.ndjson').join()).toContain('well again');
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'again');
    log(at);
    log(at);
    expect(problems).toHaveLength(2);
  });

  test('a folder that somebody removed is made again', () => {
    const { folder, log, problems, lines } = open();
    log(at);
    rmSync(folder, { recursive: true });
    log(at, note('lost'));
    log(at, note('kept'));
    expect(problems).toHaveLength(1);
    expect(lines('2026-11-21.ndjson').join()).toContain('kept');
  });
});
