import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeQuitFile, openQuitFile } from '../../src/state/quit-file.ts';
import { temporaryFolder } from './temporary-folder.ts';

function setUp({ reference = false } = {}) {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  const notices: string[] = [];
  if (reference) writeFileSync(at('called'), '');
  const open = () =>
    openQuitFile({
      folder,
      ...(reference ? { reference: at('called') } : {}),
      emit: (event) => notices.push(event.type === 'notice' ? event.message : ''),
    });
  const touch = (name: string, seconds: number): void => {
    const time = new Date(Date.now() + seconds * 1000);
    writeFileSync(at(name), '');
    utimesSync(at(name), time, time);
  };
  return { at, open, touch, notices };
}

test('a quit file counts only when it is later than the reference', () => {
  expect(judgeQuitFile(undefined, 5n)).toBe('none');
  expect(judgeQuitFile(4n, 5n)).toBe('stale');
  expect(judgeQuitFile(5n, 5n)).toBe('stale');
  expect(judgeQuitFile(6n, 5n)).toBe('quit');
});

test('touching it asks to quit, and the answer says when and how', () => {
  const { at, open, touch, notices } = setUp();
  const quit = open();
  expect(quit.asked()).toBe(false);
  touch('controller.quit', 1);
  expect(quit.asked()).toBe(true);
  quit.done(Date.UTC(2026, 10, 21, 10) / 1000, 'drained 2 runs in 3.1 s');
  expect(existsSync(at('controller.quit'))).toBe(false);
  expect(readFileSync(at('controller.quit.done'), 'utf8')).toBe(
    '2026-11-21T10:00:00Z drained 2 runs in 3.1 s\n',
  );
  expect(notices).toEqual([]);
});

test('one from before the start is removed with a notice, the last answer without', () => {
  const { at, open, touch, notices } = setUp();
  touch('controller.quit', -60);
  touch('controller.quit.done', -60);
  const quit = open();
  expect(existsSync(at('controller.quit.done'))).toBe(false);
  expect(quit.asked()).toBe(false);
  expect(existsSync(at('controller.quit'))).toBe(false);
  expect(notices).toEqual(['controller.quit is older than this start: removed']);
  expect(quit.asked()).toBe(false);
  expect(notices).toHaveLength(1);
});

test('one touched between the call of run.sh and the start of the program counts', () => {
  const { open, touch } = setUp({ reference: true });
  touch('called', -60);
  touch('controller.quit', -30);
  expect(open().asked()).toBe(true);
});

test('one that cannot be removed is told and stops nothing', () => {
  const { at, open, notices } = setUp();
  mkdirSync(at('controller.quit'));
  writeFileSync(join(at('controller.quit'), 'x'), '');
  utimesSync(at('controller.quit'), new Date(0), new Date(0));
  const quit = open();
  expect(quit.asked()).toBe(false);
  quit.done(0, 'x');
  expect(notices.length).toBeGreaterThan(0);
});

test('a folder that is not there is a StateError', () => {
  const options = { folder: join(temporaryFolder(), 'nowhere'), emit: () => {} };
  expect(() => openQuitFile(options)).toThrow(expect.objectContaining({ code: 'state.folder_missing' }));
});
