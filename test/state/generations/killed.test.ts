import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { generationOf } from '../../../src/state/generations/names.ts';
import { createGenerations } from '../../../src/state/generations/generations.ts';
import { temporaryFolder } from '../temporary-folder.ts';

// A process that is killed while it keeps a version leaves whole versions only, and the next one goes on.

const program = fileURLToPath(new URL('../../support/keep-and-die.ts', import.meta.url));
const earlier = '[{ "list_id": "a" }]';
const next = '[{ "list_id": "a", "latest_timestamp": "2026-11-21T08:00:00Z" }]';
const last = '[]';

async function killAt(point: string) {
  const folder = join(temporaryFolder(), 'generations');
  const generations = createGenerations({ folder, now: () => 0, emit: () => {} });
  await generations.keeper({ by: 'set' })(Buffer.from(earlier));
  const child = spawn(process.execPath, [program, folder, point, next], { stdio: 'ignore' });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
  const texts = (): (string | undefined)[] => generations.all().map(({ number }) => generations.read(number));
  const afterKill = texts();
  await generations.keeper({ by: 'undo' })(Buffer.from(last));
  const strangers = readdirSync(folder).filter((name) => generationOf(name) === undefined);
  return { afterKill, atTheEnd: texts(), strangers };
}

test.each([
  ['generation.create.before', [earlier], [last, earlier]],
  ['half', [earlier], [last, earlier]],
  ['generation.create.after', [earlier], [last, earlier]],
  ['generation.sync.after', [earlier], [last, earlier]],
  ['generation.rename.after', [next, earlier], [last, next, earlier]],
  ['generation.prune.after', [next, earlier], [last, next, earlier]],
])('killed at %s', async (point, afterKill, atTheEnd) => {
  expect(await killAt(point)).toEqual({ afterKill, atTheEnd, strangers: [] });
});

test('the twin that writes under the final name leaves half a version', async () => {
  const { afterKill } = await killAt('in-place');
  expect(afterKill).toHaveLength(2);
  expect([next, earlier]).not.toContain(afterKill[0]);
});

/** 50 versions of which the oldest is from before an edit by hand, and a process that is killed while it keeps another. */
async function killWhileMakingRoom(point: string) {
  const folder = join(temporaryFolder(), 'generations');
  const generations = createGenerations({ folder, now: () => 0, emit: () => {} });
  const versions = Array.from({ length: 50 }, (_, run) => `[{ "list_id": "a", "total_updates": ${run} }]`);
  const byHand = '[{ "list_id": "a", "paused": true }]';
  for (const text of [byHand, ...versions.slice(1)]) {
    await generations.keeper({ by: 'run', runId: 'r1' })(Buffer.from(text));
  }
  const child = spawn(process.execPath, [program, folder, point, next], { stdio: 'ignore' });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
  const numbers = (): number[] => generations.all().map(({ number }) => number);
  const afterKill = numbers().length;
  await generations.keeper({ by: 'undo' })(Buffer.from(last));
  return { afterKill, atTheEnd: numbers().length, first: generations.read(1), byHand };
}

test.each([
  ['generation.rename.after', 51],
  ['marked', 51],
  ['dropped', 50],
  ['generation.prune.after', 50],
])(
  'killed at %s while room is made: at most one more is left, and the next one makes room',
  async (point, left) => {
    const { afterKill, atTheEnd, first, byHand } = await killWhileMakingRoom(point);
    expect({ afterKill, atTheEnd, first }).toEqual({ afterKill: left, atTheEnd: 50, first: byHand });
  },
);
