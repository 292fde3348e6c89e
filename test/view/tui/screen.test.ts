import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/model/clock.ts';
import type { PersonCommand } from '../../../src/model/commands.ts';
import type { EventBody } from '../../../src/model/events.ts';
import type { Operator } from '../../../src/model/operator.ts';
import { openScreen, type Screen, type ScreenOptions } from '../../../src/view/tui/open.ts';
import { until } from '../../support/until.ts';
import { createLetterBook } from './letter-book.ts';
import { history, report, reports } from './scene.ts';
import { createVirtualTerminal, type VirtualTerminal } from './virtual-terminal.ts';

const opened: Screen[] = [];

afterEach(async () => {
  for (const screen of opened.splice(0)) await screen.close();
});

interface World {
  readonly terminal: VirtualTerminal;
  readonly screen: Screen;
  readonly commands: PersonCommand[];
  readonly quits: string[];
  readonly failures: unknown[];
  readonly exitHandlers: (() => void)[];
  readonly tell: (event: EventBody) => void;
  readonly clock: { now: number };
}

function open(columns = 100, rows = 24, options: Partial<ScreenOptions> = {}): World {
  const terminal = createVirtualTerminal(columns, rows);
  const commands: PersonCommand[] = [];
  const quits: string[] = [];
  const failures: unknown[] = [];
  const exitHandlers: (() => void)[] = [];
  const clock = { now: Date.UTC(2026, 10, 21, 10, 51, 16) };
  const screen = openScreen({
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    redact: (text) => text,
    // The wall clock stands still: what depends on it stays as it is.
    clock: { ...systemClock, now: () => clock.now },
    env: {},
    ascii: false,
    onExit(restore) {
      exitHandlers.push(restore);
      return () => void exitHandlers.splice(exitHandlers.indexOf(restore), 1);
    },
    onFatal: (error) => void failures.push(error),
    ...options,
  });
  opened.push(screen);
  const operator: Operator = {
    statePath: 'state/state.json',
    command(command) {
      commands.push(command);
      return Promise.resolve({ done: true, message: `${command.type}: done` });
    },
    preview: () =>
      Promise.resolve({
        refusal: null,
        changes: ['some'],
        costs: [{ label: 'service "PERSON"', text: 'reads about 41,200 records again' }],
      }),
    generations: () => Promise.resolve([]),
    queues: () => Promise.resolve([]),
    history: () => history,
    letters: createLetterBook(),
    quit: (by) => void quits.push(by),
  };
  const tell = (event: EventBody): void => screen.show({ at: clock.now, ...event });
  tell({ type: 'controller.started', version: '0.1.0', state: 'state/state.json', queue: 'embedded:' });
  tell({ type: 'entries.known', entries: reports });
  screen.attach(operator);
  return { terminal, screen, commands, quits, failures, exitHandlers, tell, clock };
}

/** Ink wraps each frame in synchronised output. */
function framesIn(written: string): number {
  return written.split('\u001B[?2026h').length - 1;
}

describe('a person at the keyboard', () => {
  test('opens an entry, asks for a reset, answers, goes back and quits', async () => {
    const { terminal, commands, quits } = open();
    await terminal.shows('1a2d7ebf82');
    terminal.type('j');
    await terminal.shows(/▸ list|▸ PERSON/);
    terminal.type('\r');
    await terminal.shows('cursor');
    terminal.type('R');
    await terminal.shows('reads about 41,200 records again');
    terminal.type('y');
    await terminal.shows('reset: done');
    expect(commands).toEqual([{ type: 'reset', id: 'PERSON' }]);
    terminal.type('\u001B');
    await terminal.shows('NEXT');
    terminal.type('q');
    terminal.type('\u0003');
    await until(() => quits.length === 2);
    expect(quits).toEqual(['q', 'ctrl-c']);
  });

  test('keys that come in one piece are all done', async () => {
    const { terminal } = open();
    await terminal.shows('1a2d7ebf82');
    terminal.type('jjj');
    await terminal.shows(/▸ list 9f31c0de11/);
    terminal.type('\u001B[B\u001B[B');
    await terminal.shows(/▸ list kaupunki/);
  });

  test('pasted text presses no key', async () => {
    const { terminal, quits } = open();
    await terminal.shows('1a2d7ebf82');
    terminal.type('\u001B[200~qqqrrx\u001B[201~');
    await terminal.shows('pasted text does nothing here');
    expect(quits).toEqual([]);
  });

  test('an editor gets the terminal as it was, and gives it back', async () => {
    const closing = Promise.withResolvers<void>();
    const seen: boolean[] = [];
    const world = open(100, 24, {
      runEditor: async (path) => {
        seen.push(world.terminal.isRaw(), world.terminal.isCursorHidden());
        expect(path).toBe('state/state.json');
        await closing.promise;
      },
    });
    const { terminal } = world;
    await terminal.shows('1a2d7ebf82');
    terminal.type('e');
    await until(() => seen.length === 2 && !terminal.isOnAlternateScreen());
    expect(seen).toEqual([false, false]);
    closing.resolve();
    await terminal.shows('back from the editor');
    await terminal.shows('1a2d7ebf82');
    expect(terminal.isOnAlternateScreen()).toBe(true);
    expect(terminal.isRaw()).toBe(true);
  });
});

describe('what it costs', () => {
  test('nothing while nothing happens', async () => {
    const { terminal } = open();
    await terminal.shows('1a2d7ebf82');
    await delay(300);
    terminal.written();
    await delay(1100);
    expect(terminal.written()).toBe('');
  });

  test('a small change is a small write', async () => {
    const { terminal, tell } = open(120, 40);
    await terminal.shows('1a2d7ebf82');
    await delay(300);
    terminal.written();
    tell({
      type: 'entries.known',
      entries: reports.toSpliced(2, 1, report('c', { id: 'COURSE_UNIT', state: 'due' })),
    });
    await terminal.shows('○ due');
    const written = terminal.written();
    expect(framesIn(written)).toBe(1);
    expect(Buffer.byteLength(written)).toBeLessThanOrEqual(800);
  });

  test('thousands of events a second make four frames', async () => {
    const { terminal, tell } = open();
    const run = { entry: { key: 'a', label: 'list "1a2d7ebf82"' }, runId: 'r1' };
    tell({ type: 'run.started', ...run, mode: 'LOAD', resumed: false, workers: 4 });
    tell({ type: 'run.window', ...run, window: { since: null, until: 1 }, total: 1_000_000 });
    // The first second after the start is a quick one.
    await delay(1200);
    terminal.written();
    const end = performance.now() + 1000;
    let page = 0;
    while (performance.now() < end) {
      for (let at = 0; at < 100; at += 1)
        tell({ type: 'page.confirmed', ...run, page: (page += 1), records: 10 });
      await delay(5);
    }
    expect(page).toBeGreaterThan(1000);
    expect(framesIn(terminal.written())).toBeLessThanOrEqual(5);
  });

  test('nothing is written to a terminal that stands still, and events are taken in all the same', async () => {
    const { terminal, tell } = open();
    await terminal.shows('1a2d7ebf82');
    terminal.stalled = true;
    const began = performance.now();
    for (let at = 0; at < 200; at += 1) {
      tell({ type: 'notice', level: 'warn', topic: 'x', message: `line ${at} ${'long '.repeat(40)}` });
      await delay(5);
    }
    // A stream that nobody reads holds little more than what was there when it stopped.
    expect(terminal.stdout.writableLength).toBeLessThan(40_000);
    expect(performance.now() - began).toBeLessThan(4000);
    terminal.stalled = false;
    terminal.resize(100, 24);
    await terminal.shows('line 199');
  });

  test('a thousand entries scroll a page at a time, and only what is in view is written', async () => {
    const { terminal, tell } = open(120, 40);
    const many = Array.from({ length: 1000 }, (_, at) => report(`k${at}`, { id: `list-${at}` }));
    tell({ type: 'entries.known', entries: many });
    await terminal.shows('of 1,000');
    terminal.written();
    const began = performance.now();
    for (let at = 0; at < 40; at += 1) terminal.type('\u001B[6~');
    terminal.type('G');
    await terminal.shows('list-999');
    expect(performance.now() - began).toBeLessThan(2000);
    terminal.written();
    terminal.type('k');
    await terminal.shows(/▸ list list-998/);
    expect(Buffer.byteLength(terminal.written())).toBeLessThanOrEqual(800);
  });
});

describe('sizes', () => {
  test('a storm of resizes both ways leaves exactly what a new screen would show', async () => {
    const { terminal, screen } = open(120, 30);
    await terminal.shows('1a2d7ebf82');
    const sizes = [
      [60, 15],
      [140, 40],
      [45, 11],
      [100, 24],
      [38, 9],
      [80, 12],
      [200, 50],
      [119, 29],
      [61, 30],
    ] as const;
    for (const [columns, rows] of [...sizes, ...sizes.toReversed(), [90, 26] as const]) {
      terminal.resize(columns, rows);
      await delay(15);
    }
    await delay(400);
    const after = terminal.rows();
    await screen.close();
    const fresh = open(90, 26);
    await fresh.terminal.shows('1a2d7ebf82');
    await delay(300);
    expect(after).toEqual(fresh.terminal.rows());
  });

  test('below 40 x 10 it says what it needs', async () => {
    const { terminal } = open(30, 5);
    await terminal.shows('needs 40x10');
    terminal.resize(60, 15);
    await terminal.shows('? help');
  });
});

describe('text from outside', () => {
  test('stays in its cell: no colour, no cursor, no other row', async () => {
    const { terminal, tell } = open(120, 24);
    const nasty = '\u001B[2J\u001B[1;1H\u001B[31mX\r\nY\u202E\u0007\u009B5A';
    tell({
      type: 'entries.known',
      entries: [report('a', { id: nasty, cause: nasty, state: 'failed' }), report('b', { id: 'after' })],
    });
    await terminal.shows('after');
    const rows = terminal.rows();
    expect(rows[0]).toMatch(/^ sluice/);
    expect(rows[3]).toContain('list \\x1b[2J\\x1b[1;1H');
    expect(rows[4]).toMatch(/^ {3}list after +✓ ok/);
    expect(terminal.written()).not.toContain('\u001B[2J\u001B[1;1H\u001B[31mX');
  });

  test('wide signs move nothing that comes after them', async () => {
    const { terminal, tell } = open(120, 24);
    tell({ type: 'entries.known', entries: [report('a', { id: '日本語🎉' }), report('b', { id: 'plain' })] });
    await terminal.shows('plain');
    expect(columnOf(terminal.rows()[3] ?? '')).toBe(columnOf(terminal.rows()[4] ?? ''));
  });
});

describe('colours', () => {
  test('NO_COLOR leaves no colour, whatever CI says', async () => {
    const { terminal } = open(100, 24, { env: { NO_COLOR: '1' } });
    await terminal.shows('1a2d7ebf82');
    expect(terminal.written()).not.toMatch(/\[[\d;]*m/);
  });

  test('a dumb terminal gets ASCII signs', async () => {
    const { terminal } = open(100, 24, { env: { TERM: 'dumb' } });
    await terminal.shows('> load');
    expect(terminal.rows().join('').replaceAll('日本語', '')).toMatch(/^[ -~]*$/);
  });
});

describe('the end', () => {
  test('the terminal is as it was: main screen, cursor, no raw mode, no bracketed paste', async () => {
    const { terminal, screen, exitHandlers } = open();
    await terminal.shows('1a2d7ebf82');
    expect(terminal.isOnAlternateScreen()).toBe(true);
    expect(terminal.isRaw()).toBe(true);
    await screen.close();
    await screen.close();
    await delay(20);
    expect(terminal.isOnAlternateScreen()).toBe(false);
    expect(terminal.isCursorHidden()).toBe(false);
    expect(terminal.isRaw()).toBe(false);
    expect(terminal.written()).toContain('\u001B[?2004l');
    expect(exitHandlers).toEqual([]);
  });

  test('a process that ends without closing restores it in its exit handler', async () => {
    const { terminal, exitHandlers } = open();
    await terminal.shows('1a2d7ebf82');
    for (const restore of exitHandlers) restore();
    await until(() => !terminal.isOnAlternateScreen() && !terminal.isCursorHidden());
  });

  test('a defect of the screen closes it, is told once and reaches nobody else', async () => {
    const { terminal, failures, tell } = open();
    await terminal.shows('1a2d7ebf82');
    const broken = report('a');
    Reflect.set(broken, 'state', 'no such state');
    tell({ type: 'entries.known', entries: [broken] });
    await until(() => failures.length > 0);
    tell({ type: 'state.accepted' });
    expect(failures).toHaveLength(1);
    await until(() => !terminal.isOnAlternateScreen());
    expect(terminal.isRaw()).toBe(false);
  });

  test('nothing is drawn after it', async () => {
    const { terminal, screen, tell } = open();
    await terminal.shows('1a2d7ebf82');
    await screen.close();
    await delay(20);
    terminal.written();
    tell({ type: 'notice', level: 'info', topic: 'x', message: 'too late' });
    terminal.resize(50, 20);
    await delay(300);
    expect(terminal.written()).toBe('');
  });
});

/** In which cell of the row the sign of a state stands. */
function columnOf(row: string): number {
  const before = row.slice(0, row.indexOf('✓'));
  return Array.from(before).reduce((sum, sign) => sum + (/[日本語🎉]/u.test(sign) ? 2 : 1), 0);
}
