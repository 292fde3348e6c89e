import { expect } from 'vitest';
import { SourceError } from '../../src/model/errors.ts';
import { until } from '../support/until.ts';
import type { Check } from './describe-checks.ts';
import { everythingSaidBy, within } from './outcome.ts';
import { everything, insideOneSecond, keysIn, middle, readAll, sortedKeys } from './source-reading.ts';
import { failingWith, oneAtATime, withPages, withRecords, withWindow } from './source-twins.ts';
import type { SourceWorld } from './source-world.ts';

const signal = new AbortController().signal;

/** What a RangedSource promises, each promise with sources that break it. */
export const sourceChecks: readonly Check<SourceWorld>[] = [
  {
    promise: 'tells the clock of the source',
    async check({ source, now }) {
      const { now: told } = await source.probe(null, signal);
      expect(Math.abs(told - now())).toBeLessThan(2000);
    },
    twins: {
      'a clock of its own': ({ source }) => ({
        source: { ...source, probe: async (since) => ({ ...(await source.probe(since, signal)), now: 0 }) },
      }),
    },
  },
  {
    promise: 'estimates the work by what changed after a moment',
    async check({ source, records }) {
      const { since } = middle(records);
      expect((await source.probe(null, signal)).total).toBe(records.length);
      const { total } = await source.probe(since, signal);
      expect(total).toBeGreaterThanOrEqual(records.filter(({ version }) => version > since).length);
      expect(total).toBeLessThanOrEqual(records.filter(({ version }) => version >= since).length);
    },
    twins: {
      'the moment is ignored': ({ source }) => ({
        source: { ...source, probe: () => source.probe(null, signal) },
      }),
    },
  },
  {
    promise: 'a window holds what changed between its bounds, a second of slack at each end',
    async check({ source, records }) {
      const window = middle(records);
      const read = await readAll(source, window, 100);
      expect(keysIn(read, window)).toEqual(keysIn(records, window));
      for (const { version } of read) {
        expect(version).toBeGreaterThanOrEqual(window.since);
        expect(version).toBeLessThanOrEqual(window.until + 1);
      }
    },
    twins: {
      'the last second is left out': ({ source }) =>
        withWindow(source, ({ since, until: end }) => ({ since, until: end - 2 })),
      'the beginning is ignored': ({ source }) =>
        withWindow(source, ({ until: end }) => ({ since: null, until: end })),
      'the end is ignored': ({ source, now }) =>
        withWindow(source, ({ since }) => ({ since, until: Math.floor(now() / 1000) })),
    },
  },
  {
    promise: 'pages of any size cover a list that stands still exactly once, in order',
    async check({ source, records, now }) {
      for (const limit of [1000, 97]) {
        const read = await readAll(source, everything(now), limit);
        expect(sortedKeys(read)).toEqual(sortedKeys(records));
        expect(read.map(({ version }) => version)).toEqual(
          read.map(({ version }) => version).toSorted((a, b) => a - b),
        );
      }
    },
    twins: {
      'a page begins one too late': ({ source }) => ({
        source: {
          ...source,
          read: (request) => source.read({ ...request, offset: request.offset + 1 }, signal),
        },
      }),
      'a page turns round': ({ source }) => ({
        source: withPages(source, (page) => ({ ...page, records: page.records.toReversed() })),
      }),
    },
  },
  {
    promise: 'a page is full until the last one, and beyond the end it is empty',
    async check({ source, records, now }) {
      const window = everything(now);
      const sizeAt = async (offset: number): Promise<number> =>
        (await source.read({ window, offset, limit: 10 }, signal)).records.length;
      expect(await sizeAt(0)).toBe(10);
      expect(await sizeAt(records.length - 3)).toBe(3);
      expect(await sizeAt(records.length + 5)).toBe(0);
    },
    twins: {
      'an offset beyond the end begins anew': ({ source, records }) => ({
        source: {
          ...source,
          read: (request) => source.read({ ...request, offset: request.offset % records.length }, signal),
        },
      }),
    },
  },
  {
    promise: 'tells the total of the window with each page, as total() does',
    async check({ source, records, now }) {
      for (const window of [everything(now), middle(records)]) {
        const total = await source.total(window, signal);
        for (const offset of [0, 50]) {
          expect((await source.read({ window, offset, limit: 20 }, signal)).total).toBe(total);
        }
      }
      expect(await source.total(everything(now), signal)).toBe(records.length);
    },
    twins: {
      'the size of the page': ({ source }) => ({
        source: withPages(source, (page) => ({ ...page, total: page.records.length })),
      }),
      'the total of the list': ({ source, now }) => ({
        source: { ...source, total: () => source.total(everything(now), signal) },
      }),
    },
  },
  {
    promise: 'gives each record with its key, its version, itself and its size',
    async check({ source, records, now }) {
      const { records: read, bytes } = await source.read(
        { window: everything(now), offset: 0, limit: 50 },
        signal,
      );
      const versions = new Map(records.map(({ key, version }) => [key, version]));
      for (const { key, version, value } of read) {
        expect(version).toBe(versions.get(key));
        expect(value).toBeTypeOf('object');
      }
      expect(bytes).toBeGreaterThan(JSON.stringify(read.map(({ value }) => value)).length * 0.9);
    },
    twins: {
      'versions in milliseconds': ({ source }) => ({
        source: withRecords(source, (record) => ({ ...record, version: record.version * 1000 })),
      }),
    },
  },
  {
    promise: 'a record without its key has the key undefined',
    async check({ keyless, now }) {
      const { records } = await keyless.read({ window: everything(now), offset: 0, limit: 10 }, signal);
      expect(records).toHaveLength(1);
      expect(records[0]?.key).toBeUndefined();
    },
    twins: {
      'an empty key': ({ keyless }) => ({
        keyless: withRecords(keyless, (record) => ({ ...record, key: record.key ?? '' })),
      }),
    },
  },
  {
    promise: 'resumes by value from a second before the last record, without loss (S8)',
    async check({ source, records, now }) {
      const { until: end } = everything(now);
      const read = await readAll(source, { since: null, until: end }, 1000);
      const kept = read.slice(0, insideOneSecond(read));
      const last = kept.at(-1)?.version ?? 0;
      const rest = await readAll(source, { since: last - 1, until: end }, 100);
      const seen = new Set([...kept, ...rest].map(({ key }) => key));
      expect(seen.size).toBe(records.length);
    },
    twins: {
      'the second of the last record is left out': ({ source }) =>
        withWindow(source, ({ since, until: end }) => ({
          since: since === null ? null : since + 2,
          until: end,
        })),
    },
  },
  {
    promise: 'an answer that is cut off is asked for again',
    async check({ source, records, now, breakAnswers }) {
      breakAnswers(3);
      const reading = source.read({ window: everything(now), offset: 0, limit: 1000 }, signal);
      await expect(reading).resolves.toMatchObject({ total: records.length });
      expect((await reading).records).toHaveLength(Math.min(1000, records.length));
    },
    twins: {
      'the failure is passed on': ({ source, breakAnswers }) => {
        let left = 0;
        return {
          breakAnswers: (times) => breakAnswers((left = times)),
          source: {
            ...source,
            read: (request) =>
              left > 0 ? Promise.reject(new Error('cut off')) : source.read(request, signal),
          },
        };
      },
    },
  },
  {
    promise: 'never asks more at once than the quota allows, over all entries that share it',
    async check({ source, sibling, now, limit, busiest, slowDown }) {
      slowDown(10);
      const other = sibling('shared');
      const request = { window: everything(now), offset: 0, limit: 5 };
      await Promise.allSettled(
        Array.from({ length: limit * 3 }, (_, at) => (at % 2 === 0 ? source : other).read(request, signal)),
      );
      expect(busiest()).toBeLessThanOrEqual(limit);
      expect(busiest()).toBeGreaterThan(limit / 2);
    },
    twins: {
      'a quota for each entry': ({ sibling }) => ({ sibling: () => sibling('alone') }),
      'one request at a time': ({ source }) => {
        const inTurn = oneAtATime(source);
        return { source: inTurn, sibling: () => inTurn };
      },
    },
  },
  {
    promise: 'an abort ends a request at once, with an AbortError',
    async check({ source, now, hang, open }) {
      hang();
      const stop = new AbortController();
      const reading = source.read({ window: everything(now), offset: 0, limit: 5 }, stop.signal);
      await Promise.race([until(() => open() > 0), reading]);
      stop.abort();
      await expect(within(500, reading)).rejects.toMatchObject({ name: 'AbortError' });
      await expect(within(500, source.probe(null, AbortSignal.abort()))).rejects.toMatchObject({
        name: 'AbortError',
      });
      await expect(within(500, source.total(everything(now), AbortSignal.abort()))).rejects.toMatchObject({
        name: 'AbortError',
      });
    },
    twins: {
      'the signal is ignored': ({ source }) => ({
        source: { ...source, read: (request) => source.read(request, signal) },
      }),
    },
  },
  {
    promise: 'a refusal is a SourceError that says what to do and keeps the secret',
    async check({ unauthorized, secret }) {
      const error = await unauthorized.probe(null, signal).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SourceError);
      expect(error).toMatchObject({
        recovery: expect.stringMatching(/^(config|stop)$/),
        hint: expect.stringMatching(/./),
      });
      expect(everythingSaidBy(error)).not.toContain(secret);
    },
    twins: {
      'an error of no kind': ({ unauthorized }) => ({
        unauthorized: failingWith(unauthorized, new Error('401')),
      }),
      'an error that tells the key': ({ unauthorized, secret }) => ({
        unauthorized: failingWith(
          unauthorized,
          new SourceError(`key ${secret} refused`, { code: 'x.y', recovery: 'config', hint: 'check it' }),
        ),
      }),
    },
  },
];
