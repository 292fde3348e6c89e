import { expect, test } from 'vitest';
import { describeSkips, tally, type Outcome } from './reporter.ts';

const passed: Outcome = { name: 'a', state: 'passed' };
const failed: Outcome = { name: 'b', state: 'failed' };
const forRedis: Outcome = { name: 'c', state: 'skipped', reason: 'no redis-server on PATH' };
const forTmux: Outcome = { name: 'd', state: 'skipped', reason: 'no tmux on PATH' };
const forNothing: Outcome = { name: 'e', state: 'skipped' };

test('every outcome is counted once', () => {
  expect(tally([passed, passed, failed, forTmux], 0)).toMatchObject({ passed: 2, failed: 1, skipped: 1 });
});

test('a test that never finished and an error outside any test are failures', () => {
  expect(tally([passed, { name: 'x', state: 'pending' }], 2)).toMatchObject({
    passed: 1,
    failed: 3,
    skipped: 0,
  });
});

test('what needs a required program, or does not say what it needs, may not be skipped', () => {
  const all = [passed, forRedis, forTmux, forNothing];
  expect(tally(all, 0, 'redis-server')).toMatchObject({
    passed: 1,
    failed: 2,
    skipped: 1,
    refused: [forRedis, forNothing],
  });
  expect(tally(all, 0, '')).toMatchObject({ passed: 1, failed: 0, skipped: 3, refused: [] });
});

test('skips are told by reason, and long lists are cut', () => {
  expect(describeSkips(tally([passed], 0))).toBe('');
  expect(describeSkips(tally([forRedis, forNothing, forRedis, forRedis], 0), 2)).toBe(
    'skipped (no redis-server on PATH):\n  c\n  c\n  and 1 more\nskipped (no reason given):\n  e\n',
  );
});
