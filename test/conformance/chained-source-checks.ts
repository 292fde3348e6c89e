import { expect } from 'vitest';
import { SourceError } from '../../src/model/errors.ts';
import { until } from '../support/until.ts';
import { failingWith, follow, named, withPages, withRequests } from './chained-source-reading.ts';
import type { ChainedSourceWorld } from './chained-source-world.ts';
import type { Check } from './describe-checks.ts';
import { everythingSaidBy, within } from './outcome.ts';

const signal = new AbortController().signal;

/** What a ChainedSource promises, each promise with sources that break it. */
export const chainedSourceChecks: readonly Check<ChainedSourceWorld>[] = [
  {
    promise: 'the pages name each other until every change was read once, in order',
    async check({ source, records }) {
      for (const limit of [10_000, 10]) {
        const pages = await follow(source, { after: 0, limit });
        expect(named(pages.flatMap((page) => page.records))).toEqual(named(records));
      }
    },
    twins: {
      'the end of a page is read again': ({ source }) => ({
        source: withRequests(source, ({ after, limit }) => ({ after: Math.max(0, after - 1), limit })),
      }),
      'a page turns round': ({ source }) => ({
        source: withPages(source, (page) => ({ ...page, records: page.records.toReversed() })),
      }),
      'a page skips one': ({ source }) => ({
        source: withPages(source, (page) => ({ ...page, records: page.records.slice(1) })),
      }),
    },
  },
  {
    promise: 'a short or an empty page is not the end',
    async check({ source, records }) {
      const pages = await follow(source, { after: 0, limit: 10 });
      const more = pages.filter(({ hasMore }) => hasMore).map((page) => page.records.length);
      expect(more).toContain(0);
      expect(more.some((size) => size > 0 && size < 10)).toBe(true);
      expect(pages.flatMap((page) => page.records)).toHaveLength(records.length);
    },
    twins: {
      'a short page is taken for the last': ({ source }) => ({
        source: withPages(source, (page) => ({ ...page, hasMore: page.records.length === 10 })),
      }),
      'an empty page is taken for the last': ({ source }) => ({
        source: withPages(source, (page) => ({ ...page, hasMore: page.hasMore && page.records.length > 0 })),
      }),
    },
  },
  {
    promise: 'a read begins behind the ordinal, which itself is not read again',
    async check({ source, records }) {
      const at = Math.floor(records.length / 2);
      const after = records[at]?.version ?? 0;
      const [first] = (await follow(source, { after, limit: 10 })).flatMap((page) => page.records);
      expect(first?.version).toBe(records[at + 1]?.version);
    },
    twins: {
      'the ordinal itself is read': ({ source }) => ({
        source: withRequests(source, ({ after, limit }) => ({ after: after - 1, limit })),
      }),
      'the ordinal is ignored': ({ source }) => ({
        source: withRequests(source, ({ limit }) => ({ after: 0, limit })),
      }),
    },
  },
  {
    promise: 'a page holds no more than asked for',
    async check({ source }) {
      for (const limit of [1, 10]) {
        const sizes = (await follow(source, { after: 0, limit })).map((page) => page.records.length);
        expect(Math.max(...sizes)).toBe(limit);
      }
    },
    twins: {
      'the limit is ignored': ({ source }) => ({
        source: withRequests(source, ({ after }) => ({ after, limit: 1000 })),
      }),
    },
  },
  {
    promise: 'a page that has more leads on, beyond all it holds',
    async check({ source }) {
      let after = 0;
      for (const page of await follow(source, { after, limit: 10 })) {
        const greatest = Math.max(after, ...page.records.map(({ version }) => version));
        expect(page.next).toBeGreaterThanOrEqual(greatest);
        if (page.hasMore) expect(page.next).toBeGreaterThan(after);
        after = page.next;
      }
    },
    twins: {
      'the first ordinal of the page': ({ source }) => ({
        source: withPages(source, (page) => ({ ...page, next: page.records[0]?.version ?? page.next })),
      }),
    },
  },
  {
    promise: 'behind the last change there is nothing, and the place stays',
    async check({ source, records }) {
      const after = records.at(-1)?.version ?? 0;
      const page = await source.read({ after, limit: 10 }, signal);
      expect(page).toMatchObject({ records: [], hasMore: false, next: after });
    },
    twins: {
      'the place is lost': ({ source }) => ({
        source: withPages(source, (page) => ({ ...page, next: page.records.at(-1)?.version ?? 0 })),
      }),
    },
  },
  {
    promise: 'gives each record with itself, its size and the time it changed',
    async check({ source, now }) {
      const pages = await follow(source, { after: 0, limit: 10 });
      for (const { records, bytes } of pages) {
        expect(bytes).toBeGreaterThan(JSON.stringify(records.map(({ value }) => value)).length * 0.9);
        for (const { value, modified = 0 } of records) {
          expect(value).toBeTypeOf('object');
          expect(modified).toBeGreaterThan(Date.parse('2000-01-01'));
          expect(modified).toBeLessThanOrEqual(now());
        }
      }
    },
    twins: {
      'times in seconds': ({ source }) => ({
        source: withPages(source, (page) => ({
          ...page,
          records: page.records.map(({ modified = 0, ...rest }) => ({ ...rest, modified: modified / 1000 })),
        })),
      }),
      'no size': ({ source }) => ({ source: withPages(source, (page) => ({ ...page, bytes: 0 })) }),
    },
  },
  {
    promise: 'tells the clock of the source with each page',
    async check({ source, now }) {
      const page = await source.read({ after: 0, limit: 1 }, signal);
      expect(Math.abs(page.now - now())).toBeLessThan(2000);
    },
    twins: {
      'the clock of this machine': ({ source }) => ({
        source: withPages(source, (page) => ({ ...page, now: Date.now() })),
      }),
    },
  },
  {
    promise: 'a record without its key has the key undefined and the ordinal of its page',
    async check({ keyless }) {
      const { records, next } = await keyless.read({ after: 0, limit: 10 }, signal);
      expect(records).toHaveLength(1);
      expect(records[0]).toMatchObject({ key: undefined, version: next });
    },
    twins: {
      'an empty key': ({ keyless }) => ({
        keyless: withPages(keyless, (page) => ({
          ...page,
          records: page.records.map(({ key = '', ...rest }) => ({ key, ...rest })),
        })),
      }),
    },
  },
  {
    promise: 'an ordinal that cannot be held exactly stops the service (S10)',
    async check({ unsafe }) {
      await expect(unsafe.read({ after: 0, limit: 10 }, signal)).rejects.toMatchObject({
        name: 'SourceError',
        code: 'source.unsafe_ordinal',
        recovery: 'stop',
      });
    },
    twins: {
      'it is read as it was rounded': ({ unsafe, source }) => ({
        unsafe: {
          read: (request, stop) => unsafe.read(request, stop).catch(() => source.read(request, stop)),
        },
      }),
    },
  },
  {
    promise: 'an answer that is cut off is asked for again',
    async check({ source, records, breakAnswers }) {
      breakAnswers(3);
      const reading = follow(source, { after: 0, limit: 10_000 });
      await expect(reading).resolves.toEqual(expect.any(Array));
      expect((await reading).flatMap((page) => page.records)).toHaveLength(records.length);
    },
    twins: {
      'the failure is passed on': ({ source, breakAnswers }) => {
        let left = 0;
        return {
          breakAnswers: (times) => breakAnswers((left = times)),
          source: {
            read: (request, stop) =>
              left > 0 ? Promise.reject(new Error('cut off')) : source.read(request, stop),
          },
        };
      },
    },
  },
  {
    promise: 'never asks more at once than the quota allows, over all entries that share it',
    async check({ source, sibling, limit, busiest, slowDown }) {
      slowDown(10);
      const other = sibling('shared');
      const request = { after: 0, limit: 5 };
      await Promise.allSettled(
        Array.from({ length: limit * 3 }, (_, at) => (at % 2 === 0 ? source : other).read(request, signal)),
      );
      expect(busiest()).toBeLessThanOrEqual(limit);
      expect(busiest()).toBeGreaterThan(limit / 2);
    },
    twins: {
      'a quota for each entry': ({ sibling }) => ({ sibling: () => sibling('alone') }),
    },
  },
  {
    promise: 'an abort ends a request at once, with an AbortError',
    async check({ source, hang, open }) {
      hang();
      const stop = new AbortController();
      const reading = source.read({ after: 0, limit: 5 }, stop.signal);
      await Promise.race([until(() => open() > 0), reading]);
      stop.abort();
      await expect(within(500, reading)).rejects.toMatchObject({ name: 'AbortError' });
      const late = source.read({ after: 0, limit: 5 }, AbortSignal.abort());
      await expect(within(500, late)).rejects.toMatchObject({ name: 'AbortError' });
    },
    twins: {
      'the signal is ignored': ({ source }) => ({
        source: { read: (request) => source.read(request, signal) },
      }),
    },
  },
  {
    promise: 'an answer that never comes is given up at the deadline',
    async check({ impatient, hang }) {
      hang();
      const reading = impatient.read({ after: 0, limit: 5 }, signal);
      await expect(within(1500, reading)).rejects.toMatchObject({
        name: 'SourceError',
        code: 'source.unavailable',
        recovery: 'retry',
      });
    },
    twins: {
      'no deadline': ({ source }) => ({ impatient: source }),
    },
  },
  {
    promise: 'a refusal is a SourceError that says what to do and keeps the secret',
    async check({ unauthorized, forbidden, secret }) {
      for (const [source, code, recovery] of [
        [unauthorized, 'source.unauthorized', 'config'],
        [forbidden, 'source.forbidden', 'stop'],
      ] as const) {
        const error = await source.read({ after: 0, limit: 5 }, signal).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(SourceError);
        expect(error).toMatchObject({ code, recovery, hint: expect.stringMatching(/./) });
        expect(everythingSaidBy(error)).not.toContain(secret);
      }
    },
    twins: {
      'an error of no kind': () => ({ unauthorized: failingWith(new Error('401')) }),
      'an error that tells the key': ({ secret }) => ({
        unauthorized: failingWith(
          new SourceError(`key ${secret} refused`, {
            code: 'source.unauthorized',
            recovery: 'config',
            hint: 'check it',
          }),
        ),
      }),
      'a service that may not be read is tried again and again': () => ({
        forbidden: failingWith(new SourceError('403', { code: 'source.unavailable', recovery: 'retry' })),
      }),
    },
  },
];
