import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNdjsonTarget } from '../../src/consumer/ndjson.ts';
import { systemClock } from '../../src/model/clock.ts';
import { SettingError } from '../../src/model/errors.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { until } from '../support/until.ts';
import { failure, signal, textOf, version } from './world.ts';

function open(path = join(temporaryFolder(), 'out.ndjson')) {
  const said: string[] = [];
  const target = createNdjsonTarget({ path, clock: systemClock, emit: (event) => said.push(textOf(event)) });
  const lines = (): unknown[] =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { target, said, path, lines };
}

test('each entity is a line with its channel, key, ordinal and state, in the order they came', async () => {
  const { target, lines } = open();
  await target.prepare(signal);
  const entities = [
    { ...version('p-1', 5), names: 'a\0b\n😀' },
    version('p-1', 4, 'DELETED'),
    version('p-2', 6, null),
  ];
  await target.store({ channel: 'ORI_PERSON_CHANNEL', entities }, signal);
  const registration = {
    studyRightId: 'r',
    studentId: 's',
    documentState: 'ACTIVE',
    metadata: { modificationOrdinal: 7 },
  };
  await target.store({ channel: 'ORI_TERM_REGISTRATION', entities: [registration] }, signal);
  await target.store({ channel: 'URN_COUNTRY_CHANNEL', entities: [{ id: 'urn:fi' }] }, signal);
  const channel = 'ORI_PERSON_CHANNEL';
  expect(lines()).toEqual([
    { channel, key: 'p-1', ordinal: 5, documentState: 'ACTIVE', entity: entities[0] },
    { channel, key: 'p-1', ordinal: 4, documentState: 'DELETED', entity: entities[1] },
    { channel, key: 'p-2', ordinal: 6, documentState: null, entity: entities[2] },
    {
      channel: 'ORI_TERM_REGISTRATION',
      key: ['r', 's'],
      ordinal: 7,
      documentState: 'ACTIVE',
      entity: registration,
    },
    {
      channel: 'URN_COUNTRY_CHANNEL',
      key: 'urn:fi',
      ordinal: null,
      documentState: null,
      entity: { id: 'urn:fi' },
    },
  ]);
  await target.close();
});

test('a bad entity fails its chunk by its key, and nothing of the chunk is written', async () => {
  const { target, path } = open();
  const chunk = { channel: 'ORI_PERSON_CHANNEL', entities: [version('good', 1), { id: 'bad' }] };
  expect(await failure(target.store(chunk, signal))).toBe(
    'ORI_PERSON_CHANNEL "bad" has no usable metadata.modificationOrdinal',
  );
  expect(existsSync(path)).toBe(false);
});

test('of other channels every value is taken, with what it has', async () => {
  const { target, lines } = open();
  const entities = [
    { id: 'm-1', email: 'a@b.c' },
    { id: 7, metadata: { modificationOrdinal: 3 } },
    'text',
    null,
  ];
  await target.store({ channel: 'list-1', entities }, signal);
  expect(lines()).toEqual([
    { channel: 'list-1', key: 'm-1', ordinal: null, documentState: null, entity: entities[0] },
    { channel: 'list-1', key: null, ordinal: 3, documentState: null, entity: entities[1] },
    { channel: 'list-1', key: null, ordinal: null, documentState: null, entity: 'text' },
    { channel: 'list-1', key: null, ordinal: null, documentState: null, entity: null },
  ]);
});

describe('a place that cannot be written', () => {
  test('is refused at the start', async () => {
    const folder = temporaryFolder();
    await expect(open(folder).target.prepare(signal)).rejects.toBeInstanceOf(SettingError);
    expect(await failure(open(join(folder, 'none', 'out')).target.prepare(signal))).toMatch(
      /cannot be written: ENOENT/,
    );
  });

  test('is waited for later: no chunk fails for it', async () => {
    const folder = join(temporaryFolder(), 'place');
    mkdirSync(folder);
    const { target, said, lines } = open(join(folder, 'out.ndjson'));
    await target.prepare(signal);
    rmSync(folder, { recursive: true });
    const stored = target.store({ channel: 'x', entities: [1] }, signal);
    await until(() => said.length > 0);
    mkdirSync(folder);
    await stored;
    expect(lines()).toMatchObject([{ entity: 1 }]);
    expect(said).toEqual([expect.stringContaining('waiting for it'), expect.stringContaining('works again')]);
  });

  test('a full disk is waited for until the job is lost', async (context) => {
    if (!existsSync('/dev/full')) context.skip('no /dev/full');
    const { target, said } = open('/dev/full');
    const stop = new AbortController();
    const lost = failure(target.store({ channel: 'x', entities: [1] }, stop.signal));
    await until(() => said.length > 0);
    expect(said[0]).toMatch(/^ndjson:\/dev\/full cannot be written: .*ENOSPC/);
    stop.abort();
    expect(await lost).toMatch(/abort/);
  });
});
