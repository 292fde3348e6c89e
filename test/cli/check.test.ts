import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { socketPath } from '../../src/control/socket-path.ts';
import { serveControl } from '../../src/control/server.ts';
import { SettingError } from '../../src/model/errors.ts';
import { type MailchimpSimulator, startMailchimp } from '../../src/simulator/mailchimp.ts';
import type { SisOptions } from '../../src/simulator/sis/options.ts';
import { startSis } from '../../src/simulator/sis/sis.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { hasRedis, startRedis } from '../support/redis.ts';
import { unprintable } from '../view/hostile.ts';
import { commandLine } from './command-line.ts';

// S22: check looks at the file, the settings and what they point to; 0 or 2; it changes nothing.

let simulator: MailchimpSimulator;
beforeAll(async () => {
  simulator = await startMailchimp({ lists: { a: 12, b: 3 }, apiKey: 'right-key-us1' });
});
afterAll(() => simulator.close());

interface Looked {
  readonly code: number;
  /** The lines, with FOLDER in place of the state folder. */
  readonly lines: readonly string[];
}

async function look(
  state: unknown,
  {
    env = {},
    settings = '',
    reachMs = 5000,
  }: { env?: Record<string, string>; settings?: string; reachMs?: number } = {},
): Promise<Looked> {
  const folder = temporaryFolder();
  if (state !== undefined)
    writeFileSync(join(folder, 'state.json'), typeof state === 'string' ? state : JSON.stringify(state));
  if (settings !== '') writeFileSync(join(folder, 'settings.json'), settings);
  const before = readdirSync(folder);
  const context = commandLine(['--state', folder], {
    MAILCHIMP_URL: simulator.url,
    MAILCHIMP_APIKEY: simulator.apiKey,
    ...env,
  });
  const code = await check(context, reachMs);
  expect(readdirSync(folder)).toEqual(before);
  return { code, lines: context.printed().replaceAll(folder, 'FOLDER').trimEnd().split('\n') };
}

test('when all is well, says so of each', async () => {
  const looked = await look([{ list_id: 'a' }, { list_id: 'b' }], { settings: '{ "parallel_entries": 2 }' });
  expect(looked).toEqual({
    code: 0,
    lines: [
      'ok    FOLDER/state.json: 2 of 2 entries can run',
      'ok    FOLDER/settings.json: can be used',
      'ok    queue: embedded: is opened in FOLDER/queue by go',
      'ok    list "a": answers, 12 records',
      'ok    list "b": answers, 3 records',
    ],
  });
});

describe('the state file', () => {
  test('that is not there: what makes it', async () => {
    const { code, lines } = await look(undefined);
    expect(code).toBe(2);
    expect(lines[0]).toBe(
      'FAIL  FOLDER/state.json: the file is not there - ./run.sh go makes one; --state names another folder',
    );
  });

  test('that is broken: where, and what was expected', async () => {
    const { code, lines } = await look('[\n  { "list_id": oops }\n]');
    expect(code).toBe(2);
    expect(lines[0]).toBe(
      'FAIL  FOLDER/state.json: line 2, column 16: expected a value (text in double quotes, a number, true, false, null, { or [), found oops',
    );
  });

  test('with entries that cannot run: each is named, and the others are still asked', async () => {
    const { code, lines } = await look([
      { service: 'nope' },
      { list_id: 'x', items_per_request: 5000 },
      { list_id: 'b', wroker_count: 3 },
    ]);
    expect(code).toBe(2);
    expect(lines).toEqual([
      'ok    FOLDER/state.json: 1 of 3 entries can run',
      expect.stringMatching(
        /^FAIL {2}service "nope": line 1, column 13: "service" must be one of: "demo", "sisu", /,
      ),
      'FAIL  list "x": line 1, column 56: "items_per_request" must be at most 1000: Mailchimp gives no larger pages',
      'ok    FOLDER/state.json: line 1, column 77: unknown field "wroker_count": did you mean "worker_count"?',
      'ok    FOLDER/settings.json: not there: the defaults apply',
      'ok    queue: embedded: is opened in FOLDER/queue by go',
      'ok    list "b": answers, 3 records',
    ]);
  });
});

describe('the settings', () => {
  test('a value that cannot be used is exit 2', async () => {
    const { code, lines } = await look([], { settings: '{\n  "drain_seconds": -1\n}' });
    expect(code).toBe(2);
    expect(lines).toContain(
      'FAIL  FOLDER/settings.json: line 2, column 20: "drain_seconds" must be a whole number from 0 to 3600',
    );
  });

  test('a typo is pointed out, in the file and in the environment', async () => {
    const { code, lines } = await look([], {
      settings: '{ "drain_second": 1 }',
      env: { SLUICE_PARALEL_ENTRIES: '3' },
    });
    expect(code).toBe(0);
    expect(lines).toContain(
      'ok    FOLDER/settings.json: line 1, column 3: unknown setting "drain_second": did you mean "drain_seconds"?',
    );
    expect(lines).toContain(
      'ok    SLUICE_PARALEL_ENTRIES: unknown variable SLUICE_PARALEL_ENTRIES: did you mean SLUICE_PARALLEL_ENTRIES?',
    );
  });

  test('a variable that cannot be used is exit 2', async () => {
    const { code, lines } = await look([], { env: { SLUICE_DRAIN_SECONDS: 'soon' } });
    expect(code).toBe(2);
    expect(lines.join('\n')).toMatch(/^FAIL {2}SLUICE_DRAIN_SECONDS: .*a whole number from 0 to 3600$/m);
  });

  test('a .env that cannot be read is told before anything else', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, '.env'));
    await expect(check(commandLine([], {}, root))).rejects.toMatchObject({
      message: `${join(root, '.env')} cannot be read`,
      recovery: 'config',
    });
  });
});

describe('a source', () => {
  test('without its key: which variable to set', async () => {
    const { code, lines } = await look([{ list_id: 'a', account: 'shop' }]);
    expect(code).toBe(2);
    expect(lines.at(-1)).toBe(
      'FAIL  list "a": MAILCHIMP_APIKEY_SHOP is not set - put it into .env or the environment: MAILCHIMP_APIKEY_SHOP=...-us21',
    );
  });

  test('that refuses the key', async () => {
    const { code, lines } = await look([{ list_id: 'a' }], { env: { MAILCHIMP_APIKEY: 'wrong-key-us1' } });
    expect(code).toBe(2);
    expect(lines.at(-1)).toMatch(
      /^FAIL {2}list "a": Mailchimp does not accept the key: .* - check MAILCHIMP_APIKEY$/,
    );
    expect(lines.join('\n')).not.toContain('wrong-key');
  });

  test('that does not know the list', async () => {
    const { code, lines } = await look([{ list_id: 'unknown' }]);
    expect(code).toBe(2);
    expect(lines.at(-1)).toMatch(
      /^FAIL {2}list "unknown": no list "unknown" in this account: .* - check list_id$/,
    );
  });

  test('that is down: what is known of why, in time', async () => {
    const env = { MAILCHIMP_URL: 'http://127.0.0.1:1/3.0' };
    const { code, lines } = await look([{ list_id: 'a' }, { list_id: 'b' }], { env, reachMs: 300 });
    expect(code).toBe(2);
    expect(lines.slice(-2)).toEqual(
      ['a', 'b'].map(
        (list) =>
          `FAIL  list "${list}": no answer within 0.3 s: connection refused by 127.0.0.1:1 - check the network and whether it is up`,
      ),
    );
  });
});

async function university(options: SisOptions = {}): Promise<{ env: Record<string, string> }> {
  const sis = await startSis({ entities: 200, ...options });
  onTestFinished(() => sis.close());
  return { env: { SIS_API_URL: sis.url, SIS_PUBLIC_URL: sis.publicUrl } };
}

describe('SISU', () => {
  test('a service is asked for what is behind its ordinal', async () => {
    const { lines, code } = await look(
      [
        { service: 'PERSON' },
        { service: 'MODULE', latest_ordinal: 9_000_000_000 },
        { service: 'ADMISSION_TYPE' },
      ],
      await university(),
    );
    expect(code).toBe(0);
    expect(lines.slice(-3)).toEqual([
      'ok    service "PERSON": answers, changes after ordinal 0',
      'ok    service "MODULE": answers, nothing after ordinal 9000000000',
      'ok    service "ADMISSION_TYPE": answers, 3 records',
    ]);
  });

  test('"sisu" is each of its services once', async () => {
    const state = [
      { service: 'sisu', latest_ordinal: { MODULE: 9_000_000_001 } },
      { service: 'PERSON', latest_ordinal: 9_000_000_000 },
    ];
    const { lines, code } = await look(state, await university({ forbidden: ['PLAN'] }));
    expect(code).toBe(2);
    expect(lines.filter((line) => line.includes('service "'))).toHaveLength(26);
    expect(lines.at(-1)).toBe('ok    service "PERSON": answers, nothing after ordinal 9000000000');
    expect(lines).toContain('ok    service "MODULE": answers, nothing after ordinal 9000000001');
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([
      expect.stringMatching(
        /^FAIL {2}service "PLAN": SISU forbids it.* - ask those who run SISU for the right/,
      ),
    ]);
  });

  test('without its address: which variable to set, and the public part is asked all the same', async () => {
    const { env } = await university();
    const { lines } = await look([{ service: 'PERSON' }, { service: 'COUNTRY' }], {
      env: { SIS_PUBLIC_URL: env['SIS_PUBLIC_URL'] ?? '' },
    });
    expect(lines.slice(-2)).toEqual([
      'FAIL  service "PERSON": SIS_API_URL is not set - put it into .env or the environment: SIS_API_URL=https://sis.example.org (/ori/api and the like are added to it)',
      'ok    service "COUNTRY": answers, 8 records',
    ]);
  });
});

describe('the queue', () => {
  test('that is down is exit 2', async () => {
    const { code, lines } = await look([], {
      env: { REDIS_URL: 'redis://:pass1234@127.0.0.1:1' },
      // The first use of Redis loads BullMQ, which takes its time on a busy machine.
      reachMs: 3000,
    });
    expect(code).toBe(2);
    expect(lines.at(-1)).toMatch(
      /^FAIL {2}queue: redis:\/\/127\.0\.0\.1:1: connect ECONNREFUSED 127\.0\.0\.1:1 - Check that/,
    );
  });

  test('that is no queue is exit 2 without showing what was written there', async () => {
    const { code, lines } = await look([], { env: { QUEUE_URL: 'redis://u:hunter22@127.0.0.1:99999' } });
    expect(code).toBe(2);
    expect(lines.at(-1)).toMatch(/^FAIL {2}queue: QUEUE_URL cannot be read/);
    expect(lines.join('\n')).not.toContain('hunter22');
  });

  test('that answers', async (context) => {
    if (!hasRedis()) context.skip('no redis-server on PATH');
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const { code, lines } = await look([], {
      env: { REDIS_HOST: redis.host, REDIS_PORT: String(redis.port) },
    });
    expect(code).toBe(0);
    expect(lines.at(-1)).toBe(`ok    queue: ${redis.url} answers`);
  });

  test('that the running controller has open is left to it', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'state.json'), '[]');
    const context = commandLine(['--state', folder]);
    const at = socketPath(folder, context.temporary, context.user);
    const server = await serveControl(at, { '/status': () => [] });
    onTestFinished(() => server.close());
    expect(await check(context)).toBe(0);
    expect(context.printed()).toContain('ok    queue: embedded: in use by the running controller\n');
  });
});

test('--json gives one array of the same findings', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'state.json'), '[{"service":"nope"}]');
  const context = commandLine(['--json', '--state', folder]);
  expect(await check(context)).toBe(2);
  expect(JSON.parse(context.printed())).toEqual([
    { what: join(folder, 'state.json'), ok: true, message: '0 of 1 entries can run' },
    {
      what: 'service "nope"',
      ok: false,
      message: expect.stringMatching(/^line 1, column 13: "service" must be one of: "demo", "sisu", /),
    },
    { what: join(folder, 'settings.json'), ok: true, message: 'not there: the defaults apply' },
    { what: 'queue', ok: true, message: `embedded: is opened in ${join(folder, 'queue')} by go` },
  ]);
});

test('what a person pasted into the wrong place is neither shown nor acted on by a terminal', async () => {
  const key = 'abcdef0123456789-us1';
  for (const json of [[], ['--json']]) {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'state.json'),
      JSON.stringify([{ list_id: key }, { service: '\u001B[2J\u202E' }]),
    );
    const context = commandLine([...json, '--state', folder], { MAILCHIMP_APIKEY: key });
    expect(await check(context, 300)).toBe(2);
    expect(context.printed()).not.toContain(key);
    expect(context.printed().replaceAll('\n', '')).not.toMatch(unprintable);
  }
});

test('options it does not know are refused', async () => {
  await expect(check(commandLine(['--stat', 'x']))).rejects.toBeInstanceOf(SettingError);
  await expect(check(commandLine(['extra']))).rejects.toThrow('unexpected "extra"');
});
