import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seedStateFolder } from '../../src/state/seed.ts';
import { temporaryFolder } from './temporary-folder.ts';

const copies = new URL('../../state', import.meta.url).pathname;
const everything = ['settings.schema.json', 'state.example.json', 'state.json', 'state.schema.json'];

test('an empty folder, or none, becomes a usable one', async () => {
  const folder = join(temporaryFolder(), 'new', 'state');
  const { written } = await seedStateFolder(folder, copies);
  expect(written.toSorted()).toEqual(everything);
  expect(readdirSync(folder).toSorted()).toEqual(everything);
  expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe(
    readFileSync(join(copies, 'state.example.json'), 'utf8'),
  );
  expect((await seedStateFolder(folder, copies)).written).toEqual([]);
});

test("a person's files are left alone, a schema of another version is renewed", async () => {
  const folder = temporaryFolder();
  for (const name of everything) writeFileSync(join(folder, name), '[]');
  expect((await seedStateFolder(folder, copies)).written).toEqual([
    'state.schema.json',
    'settings.schema.json',
  ]);
  expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe('[]');
  expect(readFileSync(join(folder, 'state.example.json'), 'utf8')).toBe('[]');
});

test.each(['sluice.db', 'generations'])(
  'where a state file was removed beside %s none is invented',
  async (name) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, name), '');
    await seedStateFolder(folder, copies);
    expect(existsSync(join(folder, 'state.json'))).toBe(false);
  },
);

test('a link that leads nowhere is not replaced', async () => {
  const folder = temporaryFolder();
  symlinkSync('not/mounted.json', join(folder, 'state.json'));
  await seedStateFolder(folder, copies);
  expect(readdirSync(folder)).toContain('state.json');
  expect(existsSync(join(folder, 'state.json'))).toBe(false);
});

test('a folder that cannot be is a StateError', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  await expect(seedStateFolder(join(folder, 'file'), copies)).rejects.toMatchObject({ name: 'StateError' });
});
