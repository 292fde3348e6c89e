import { describe, expect, test } from 'vitest';
import { SettingError } from '../../../src/model/errors.ts';
import { resources } from '../../../src/simulator/sis/resources.ts';
import { exportServices } from '../../../src/simulator/sis/services.ts';
import { ordinalsOf, readPages } from './ask-sis.ts';
import { openSis } from './open-sis.ts';

async function metadataIn(timeZone: string): Promise<unknown> {
  const simulator = await openSis({ entities: { PERSON: 1 }, timeZone });
  return simulator.change('PERSON').value['metadata'];
}

describe('entities', () => {
  test.each(exportServices)('of %s carry what a consumer needs', async (service) => {
    const simulator = await openSis({ entities: 2000 });
    const { keyFields, keepsVersions } = resources[service];
    const pages = await readPages(simulator, service);
    const entities = pages.flatMap((page) => page.entities);
    expect(entities.length).toBeGreaterThan(5);
    for (const entity of entities) {
      expect(entity).toMatchObject({
        documentState: expect.stringMatching(/^(ACTIVE|DRAFT|DELETED)$/),
        metadata: {
          revision: expect.any(Number),
          createdBy: expect.any(String),
          createdOn: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
          lastModifiedBy: expect.any(String),
          lastModifiedOn: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        },
      });
      for (const field of keyFields) expect(entity[field]).toEqual(expect.any(String));
      expect('snapshotDateTime' in entity).toBe(keepsVersions);
      expect('id' in entity).toBe(keyFields[0] === 'id');
      expect(Object.keys(entity).length).toBeGreaterThan(4);
    }
    const keys = entities.map((entity) => keyFields.map((field) => entity[field]).join(' '));
    const versions = entities.length - new Set(keys).size;
    if (keepsVersions) expect(versions).toBeGreaterThan(0);
    else expect(versions).toBe(0);
  });

  test('are of all three states', async () => {
    const simulator = await openSis({ entities: { PERSON: 1000 } });
    const states = new Set(Array.from(simulator.newest('PERSON'), ({ documentState }) => documentState));
    expect(states).toEqual(new Set(['ACTIVE', 'DRAFT', 'DELETED']));
  });

  test('refer to entities that exist', async () => {
    const simulator = await openSis({ entities: 2000 });
    const persons = new Set(Array.from(simulator.newest('PERSON'), ({ key }) => key[0]));
    for (const { value } of simulator.newest('ENROLMENT')) expect(persons).toContain(value['personId']);
    const rights = new Set(Array.from(simulator.newest('STUDY_RIGHT'), ({ key }) => key[0]));
    for (const { value } of simulator.newest('TERM_REGISTRATION')) {
      expect(rights).toContain(value['studyRightId']);
    }
  });

  test('of study right primalities share a right and a student, and differ by the date', async () => {
    const simulator = await openSis({ entities: { STUDY_RIGHT_PRIMALITY: 20 } });
    const keys = Array.from(simulator.newest('STUDY_RIGHT_PRIMALITY'), ({ key }) => key);
    expect(new Set(keys.map(([right, student]) => `${right} ${student}`)).size).toBe(10);
    expect(new Set(keys.map((key) => key.join(' '))).size).toBe(20);
  });

  test('tell the time in the zone that was asked for, without saying so', async () => {
    expect(await metadataIn('UTC')).toMatchObject({ lastModifiedOn: '2026-11-21T12:00:00.000000' });
    expect(await metadataIn('Europe/Helsinki')).toMatchObject({
      lastModifiedOn: '2026-11-21T14:00:00.000000',
    });
  });
});

describe('versions', () => {
  test('replace the one before where only the newest counts', async () => {
    const simulator = await openSis({ entities: { PERSON: 50 } });
    const [first] = simulator.newest('PERSON');
    const again = simulator.change('PERSON', { key: first?.key ?? [], documentState: 'DELETED' });
    expect(again.key).toEqual(first?.key);
    const ordinals = ordinalsOf(await readPages(simulator, 'PERSON'));
    expect(ordinals).toHaveLength(50);
    expect(ordinals).not.toContain(first?.ordinal);
    expect(ordinals.at(-1)).toBe(again.ordinal);
    const [last] = (await readPages(simulator, 'PERSON', (again.ordinal ?? 0) - 1))[0]?.entities ?? [];
    expect(last).toEqual(again.value);
    expect(last).toMatchObject({ documentState: 'DELETED' });
  });

  test.each(['ORGANISATION', 'STUDY_RIGHT', 'ASSESMENT_ITEM'] as const)(
    'of %s are all exported, each with a snapshotDateTime of its own',
    async (service) => {
      const simulator = await openSis({ entities: { [service]: 40 } });
      const [first] = simulator.newest(service);
      simulator.change(service, { key: first?.key ?? [] });
      simulator.change(service, { key: [first?.key[0] ?? ''] });
      const entities = (await readPages(simulator, service)).flatMap((page) => page.entities);
      const same = entities.filter((entity) => entity['id'] === first?.key[0]);
      expect(same.length).toBeGreaterThanOrEqual(3);
      expect(same.map((entity) => entity.metadata['revision'])).toEqual(same.map((_, at) => at + 1));
    },
  );

  test.each(exportServices)('of %s are made by their key', async (service) => {
    const simulator = await openSis({ entities: { [service]: 30 } });
    const all = [...simulator.newest(service)];
    for (const { key, value } of all) {
      const next = simulator.change(service, { key });
      const fields = resources[service].keyFields;
      expect(fields.map((field) => next.value[field])).toEqual(fields.map((field) => value[field]));
    }
  });

  test('differ in content', async () => {
    const simulator = await openSis({ entities: { COURSE_UNIT: 10 } });
    const [first] = simulator.newest('COURSE_UNIT');
    const again = simulator.change('COURSE_UNIT', { key: first?.key ?? [] });
    expect(again.value['name']).not.toEqual(first?.value['name']);
  });

  test('of an entity that is not there cannot be made', async () => {
    const simulator = await openSis({ entities: { PERSON: 5 } });
    const other = await openSis({ entities: { PERSON: 6 } });
    const stranger = [...other.newest('PERSON')].find(({ key }) => key[0]?.endsWith('5'));
    for (const key of [['nobody'], [], stranger?.key ?? []]) {
      expect(() => simulator.change('PERSON', { key })).toThrow(SettingError);
    }
  });
});

describe('poison', () => {
  test('marks one entity in so many, by its number alone, in all its versions', async () => {
    const options = { entities: { PERSON: 1000, ORGANISATION: 1000 }, poison: 50, seed: 4 };
    const simulator = await openSis(options);
    const marked = [...simulator.newest('PERSON')].filter(({ value }) => value['testError'] === true);
    expect(marked).toHaveLength(20);
    for (const { key, ordinal } of marked) {
      const next = simulator.change('PERSON', { key, documentState: 'DELETED' });
      expect(next.value['testError']).toBe(true);
      expect(next.ordinal).toBeGreaterThan(ordinal);
    }
    const snapshots = [...simulator.newest('ORGANISATION')];
    const ids = new Set(snapshots.filter(({ value }) => value['testError']).map(({ key }) => key[0]));
    expect(ids.size).toBe(20);
    for (const { key, value } of snapshots) expect('testError' in value).toBe(ids.has(key[0]));
    const again = [...(await openSis(options)).newest('PERSON')].filter(({ value }) => value['testError']);
    expect(new Set(again.map(({ key }) => key[0]))).toEqual(new Set(marked.map(({ key }) => key[0])));
  });

  test('is nowhere when it was not asked for', async () => {
    const simulator = await openSis({ entities: 2000 });
    for (const service of exportServices) {
      for (const { value } of simulator.newest(service)) expect(value).not.toHaveProperty('testError');
    }
  });
});
