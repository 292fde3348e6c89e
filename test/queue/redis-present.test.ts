import { expect, test } from 'vitest';
import { hasRedis } from '../support/redis.ts';

test.runIf(process.env['CI'] === 'true')('redis-server is on PATH where CI=true', () => {
  expect(hasRedis()).toBe(true);
});
