import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type WatchedFile, watchState } from '../../src/state/watch.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function setUp(prepare: (folder: string) => void = () => {}) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'state.json'), '[]');
  prepare(folder);
  const seen: WatchedFile[] = [];
  const watch = watchState(folder, (file) => seen.push(file));
  onTestFinished(() => watch.close());
  await watch.ready;
  /** Does something and waits until the watch told of it. */
  const told = async (file: WatchedFile, effect: () => void): Promise<void> => {
    seen.length = 0;
    effect();
    await until(() => seen.includes(file), { what: `a change of ${file}`, ms: 5000 });
  };
  return { folder, seen, watch, told, at: (name: string) => join(folder, name) };
}

test('tells every way of saving, creating and removing', async () => {
  const { told, at } = await setUp();
  await told('state.json', () => writeFileSync(at('state.json'), '[ ]'));
  await told('state.json', () => {
    writeFileSync(at('state.json.swp'), '[  ]');
    renameSync(at('state.json.swp'), at('state.json'));
  });
  await told('state.json', () => {
    renameSync(at('state.json'), at('state.json~'));
    writeFileSync(at('state.json'), '[   ]');
  });
  await told('state.json', () => appendFileSync(at('state.json'), '\n'));
  await told('controller.quit', () => writeFileSync(at('controller.quit'), ''));
  await told('settings.json', () => writeFileSync(at('settings.json'), '{}'));
  await told('state.json', () => rmSync(at('state.json')));
  await told('state.json', () => writeFileSync(at('state.json'), '[]'));
});

test('tells one save once, and nothing of other files', async () => {
  const { told, at, seen } = await setUp();
  for (const name of ['sluice.db', 'sluice.db-wal', '.state.json.new.tmp']) writeFileSync(at(name), 'x');
  await told('state.json', () => {
    writeFileSync(at('state.json'), '');
    appendFileSync(at('state.json'), '[');
    appendFileSync(at('state.json'), ']');
  });
  await told('controller.quit', () => writeFileSync(at('controller.quit'), ''));
  expect(seen).toEqual(['controller.quit']);
});

test('follows a symbolic link to the file', async () => {
  const { told, folder } = await setUp((made) => {
    mkdirSync(join(made, 'elsewhere'));
    renameSync(join(made, 'state.json'), join(made, 'elsewhere', 'state.json'));
    symlinkSync('elsewhere/state.json', join(made, 'state.json'));
  });
  await told('state.json', () => writeFileSync(join(folder, 'elsewhere', 'state.json'), '[ ]'));
});

test('tells nothing after it was closed, and a folder that is not there is no error', async () => {
  const { at, seen, watch } = await setUp();
  writeFileSync(at('state.json'), '[ ]');
  await watch.close();
  seen.length = 0;
  writeFileSync(at('state.json'), '[  ]');
  const nowhere = watchState(at('nowhere'), () => {});
  await nowhere.close();
  expect(seen).toEqual([]);
});
