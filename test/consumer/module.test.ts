import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createModuleTarget } from '../../src/consumer/module.ts';
import { SettingError } from '../../src/model/errors.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { failure, signal } from './world.ts';

function moduleOf(code: string) {
  const path = join(temporaryFolder(), 'handler.mjs');
  writeFileSync(path, code);
  return { path, target: createModuleTarget(path) };
}

const chunk = { channel: 'ORI_PERSON_CHANNEL', entities: [{ id: 'a' }, 7] };

/** What the modules of these tests leave for us to see. */
function seen(): unknown {
  return Reflect.get(globalThis, 'seenByModule');
}

test.each([
  ['handle', 'export async function handle'],
  ['a default', 'export default async function'],
])('a module with %s gets each chunk as it is, its channel and a signal', async (_, begin) => {
  const { target } = moduleOf(`${begin}(chunk, { channel, signal }) {
    globalThis.seenByModule = { chunk, channel, aborted: signal.aborted };
  }`);
  await target.prepare(signal);
  await target.store(chunk, signal);
  expect(seen()).toEqual({ chunk: chunk.entities, channel: chunk.channel, aborted: false });
});

test('the chunk is done when the handler is, and fails with what it throws', async () => {
  const { target } = moduleOf(`export const handle = async ([first]) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.seenByModule = 'done';
    if (first === 'bad') throw new Error('no room for it');
  }`);
  await target.prepare(signal);
  await target.store({ channel: 'x', entities: [] }, signal);
  expect(seen()).toBe('done');
  expect(await failure(target.store({ channel: 'x', entities: ['bad'] }, signal))).toBe('no room for it');
});

test('what it exports to close is called once, and may fail', async () => {
  const { target } = moduleOf(`globalThis.seenByModule = 0;
    export default () => {};
    export const close = async () => { globalThis.seenByModule += 1; throw new Error('late') }`);
  await target.prepare(signal);
  await target.close();
  await target.close();
  expect(seen()).toBe(1);
});

describe('what is no such module is refused at the start', () => {
  test.each([
    ['without a function', 'export const handle = 7', 'exports no function to hand chunks to'],
    ['empty', '', 'exports no function to hand chunks to'],
    ['that throws', 'throw new Error("no database")', 'cannot be loaded: no database'],
    ['that is no JavaScript', 'export default {{', 'cannot be loaded: '],
  ])('one %s', async (_, code, message) => {
    const { target, path } = moduleOf(code);
    const refusal = target.prepare(signal);
    await expect(refusal).rejects.toBeInstanceOf(SettingError);
    await expect(refusal).rejects.toThrow(`module:${path} ${message}`);
    await target.close();
  });

  test('one that is not there', async () => {
    await expect(createModuleTarget('/nowhere/handler.mjs').prepare(signal)).rejects.toThrow(
      'cannot be loaded',
    );
  });
});
