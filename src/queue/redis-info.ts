/** What `INFO` of a Redis says, as far as it matters here. */
export interface RedisInfo {
  /** used_memory / maxmemory, undefined without a limit. */
  readonly memory: number | undefined;
  /** What a person should change on the server, in sentences. */
  readonly warnings: readonly string[];
}

/** Reads the text of `INFO` (lines of `field:value`, see redis.io/commands/info). */
export function parseRedisInfo(text: string): RedisInfo {
  const fields = new Map(
    text
      .split(/\r?\n/)
      .map((line) => line.split(':', 2))
      .map(([field = '', value = '']) => [field, value.trim()]),
  );
  const used = Number(fields.get('used_memory'));
  const limit = Number(fields.get('maxmemory'));
  return { memory: limit > 0 && used >= 0 ? used / limit : undefined, warnings: [...warnings(fields)] };
}

function* warnings(fields: ReadonlyMap<string, string>): Generator<string> {
  const policy = fields.get('maxmemory_policy');
  // Anything else lets Redis throw waiting jobs away (docs.bullmq.io, "Going to production").
  if (policy && policy !== 'noeviction')
    yield `Redis may throw away waiting jobs when its memory is full: set maxmemory-policy to noeviction (it is ${policy}).`;
  const version = fields.get('redis_version');
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (version && !fields.has('valkey_version') && (major < 6 || (major === 6 && minor < 2)))
    yield `Redis ${version} is older than 6.2, the oldest version BullMQ recommends.`;
}
