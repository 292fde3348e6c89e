import { expect, test } from 'vitest';
import { parseRedisInfo } from '../../src/queue/redis-info.ts';

const info = (fields: Record<string, string | number>) =>
  `# Memory\r\n${Object.entries(fields)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('')}`;

test('memory is a share of the limit, and unknown without one', () => {
  expect(parseRedisInfo(info({ used_memory: 25, maxmemory: 100 })).memory).toBe(0.25);
  expect(parseRedisInfo(info({ used_memory: 25, maxmemory: 0 })).memory).toBeUndefined();
  expect(parseRedisInfo('').memory).toBeUndefined();
});

test('an eviction policy that throws jobs away is warned of', () => {
  expect(parseRedisInfo(info({ maxmemory_policy: 'noeviction' })).warnings).toEqual([]);
  expect(parseRedisInfo(info({ maxmemory_policy: 'allkeys-lru' })).warnings).toEqual([
    expect.stringContaining('set maxmemory-policy to noeviction (it is allkeys-lru)'),
  ]);
});

test('an old Redis is warned of', () => {
  expect(parseRedisInfo(info({ redis_version: '6.0.16' })).warnings).toEqual([
    expect.stringContaining('6.2'),
  ]);
  expect(parseRedisInfo(info({ redis_version: '6.2.0' })).warnings).toEqual([]);
  expect(parseRedisInfo(info({ redis_version: '7.0.15' })).warnings).toEqual([]);
  expect(parseRedisInfo(info({ redis_version: '5.0.0', valkey_version: '8.0.1' })).warnings).toEqual([]);
});
