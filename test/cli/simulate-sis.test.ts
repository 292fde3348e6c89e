import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { simulate } from '../../src/cli/simulate.ts';
import { SettingError } from '../../src/model/errors.ts';
import { selfSigned } from '../net/self-signed.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { until } from '../support/until.ts';
import { commandLine, type CommandLine } from './command-line.ts';

interface Simulated extends CommandLine {
  readonly ended: Promise<number>;
  /** What it said to put into the environment. */
  readonly environment: Readonly<Record<string, string>>;
}

const firstLine = z.object({
  url: z.string(),
  publicUrl: z.string(),
  environment: z.record(z.string(), z.string()),
});

async function start(...args: readonly string[]): Promise<Simulated> {
  const context = commandLine(['sis', '--json', ...args]);
  const ended = simulate(context);
  onTestFinished(async () => {
    context.signal('SIGTERM');
    await ended;
  });
  await until(() => context.printed().includes('\n'));
  const { environment } = firstLine.parse(JSON.parse(context.printed().split('\n')[0] ?? ''));
  return { ...context, ended, environment };
}

const whole = ['--short-pages', '0', '--empty-pages', '0'];

const page = z.object({
  entities: z.array(z.looseObject({ metadata: z.looseObject({ modificationOrdinal: z.number() }) })),
  hasMore: z.boolean(),
});

async function persons(
  { environment }: Simulated,
  query = 'limit=10000',
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return await fetch(`${environment['SIS_API_URL']}/ori/api/persons/v1/export?${query}`, { headers });
}

test('says how to sync it, answers, notes each request, and ends with 0 on a signal', async () => {
  const context = commandLine(['sis']);
  const ended = simulate(context);
  await until(() => context.printed().includes('state.json'));
  const url = /SIS_API_URL=(\S+)/.exec(context.printed())?.[1] ?? '';
  await fetch(`${url}/ori/api/persons/v1/export?limit=10&since=0`);
  expect(context.printed()).toMatch(
    /^a simulated SISU serves 1000 entities\. To sync it, in another terminal:\n {2}SIS_API_URL=http:\/\/127\.0\.0\.1:\d+ SIS_PUBLIC_URL=http:\/\/127\.0\.0\.1:\d+ \.\/run\.sh go\n {2}with \{ "service": "sisu" \} in state\/state\.json\. ctrl-C ends it\.\nGET \/ori\/api\/persons\/v1\/export\?limit=10&since=0 200 \d+ entities\n$/,
  );
  context.signal('SIGINT');
  expect(await ended).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test('--json prints where it is and each request as JSON, one a line', async () => {
  const simulated = await start();
  await persons(simulated, 'limit=5');
  const lines: unknown[] = simulated
    .printed()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { url: simulated.environment['SIS_API_URL'], publicUrl: simulated.environment['SIS_PUBLIC_URL'] },
    { method: 'GET', status: 200, entities: expect.any(Number) },
  ]);
});

test('--entities, --poison, --short-pages, --empty-pages and --seed choose what it holds', async () => {
  const options = ['--entities', '5000', '--poison', '10', ...whole];
  const read = async (...more: readonly string[]): Promise<string> => {
    const { entities } = page.parse(await (await persons(await start(...options, ...more))).json());
    expect(entities).toHaveLength(571);
    expect(entities.filter((entity) => entity['testError'] === true)).toHaveLength(57);
    return entities.map((entity) => entity['id']).join(' ');
  };
  expect(await read('--seed', '7')).toBe(await read('--seed', '7'));
  expect(await read('--seed', '7')).not.toBe(await read('--seed', '8'));
});

test('--changes-per-second and --late-ms move it', async () => {
  const simulated = await start(...whole, '--changes-per-second', '500', '--late-ms', '50');
  await until(async () => {
    const { entities } = page.parse(await (await persons(simulated)).json());
    return entities.some(({ metadata }) => Number(metadata['revision']) > 4);
  });
});

test.each([
  [
    'basic',
    { authorization: `Basic ${Buffer.from('simulator:simulator').toString('base64')}` },
    'SIS_API_USER',
  ],
  ['bearer', { authorization: 'Bearer simulator' }, 'PROXY_TOKEN'],
  ['api-key', { 'x-api-key': 'simulator' }, 'API_KEY'],
])('--auth %s asks for what it says to set', async (kind, headers, name) => {
  const simulated = await start('--auth', kind);
  expect(simulated.environment[name]).toBe('simulator');
  expect((await persons(simulated)).status).toBe(401);
  expect((await persons(simulated, 'limit=1', headers)).status).toBe(200);
});

test('--forbid, --since-name, --time-zone and --fault reach the services they name', async () => {
  const options =
    '--forbid PLAN --forbid MODULE --since-name PERSON=sinceOrdinal --fault 503:on=PERSON:once --latency-ms 5';
  const simulated = await start('--time-zone', 'Europe/Helsinki', ...options.split(' '));
  const url = simulated.environment['SIS_API_URL'];
  for (const path of ['/osuva/api/plans/v1/export', '/kori/api/modules/v1/export']) {
    expect((await fetch(`${url}${path}?limit=1`)).status).toBe(403);
  }
  expect((await persons(simulated)).status).toBe(503);
  expect((await persons(simulated, 'limit=1&since=0')).status).toBe(400);
  expect((await persons(simulated, 'limit=1&sinceOrdinal=0')).status).toBe(200);
});

test('--key and --cert make it https', async () => {
  const folder = temporaryFolder();
  const { key, cert } = selfSigned();
  writeFileSync(join(folder, 'key.pem'), key);
  writeFileSync(join(folder, 'cert.pem'), cert);
  const files = ['--key', join(folder, 'key.pem'), '--cert', join(folder, 'cert.pem')];
  const { environment } = await start(...files, '--client-ca', join(folder, 'cert.pem'));
  expect(environment['SIS_API_URL']).toMatch(/^https:\/\/localhost:\d+$/);
  expect(environment['SIS_PUBLIC_URL']).toMatch(/^https:\/\/localhost:\d+$/);
});

describe('what it cannot do is exit 2 with what was expected', () => {
  test.each([
    [['--entities', 'many'], '--entities "many": expected a number, 0 or more'],
    [['--entities', '10000001'], 'entities cannot be 10000001'],
    [['--poison', '0.5'], '--poison 0.5: expected a whole number'],
    [['--late-ms=-1'], '--late-ms "-1": expected a number, 0 or more'],
    [['--auth', 'magic'], '--auth "magic": no such kind'],
    [['--forbid', 'PERSONS'], '--forbid "PERSONS": no such service'],
    [['--since-name', 'PERSON'], '--since-name "PERSON": expected SERVICE=NAME'],
    [['--since-name', 'COUNTRY=x'], '--since-name "COUNTRY=x": expected SERVICE=NAME'],
    [['--time-zone', 'Turku'], 'timeZone "Turku" is not known'],
    [
      ['--fault', '500:on=members'],
      /^fault "500:on=members" cannot be used: expected "on=" with one of PERSON/,
    ],
    [['--key', 'k.pem'], 'https takes both --key and --cert'],
    [['--key', '/nowhere/k.pem', '--cert', 'c.pem'], '--key /nowhere/k.pem cannot be read'],
    [['--members', '5'], "Unknown option '--members'"],
    [['more'], 'unexpected "more"'],
  ])('%j', async (args, message) => {
    const refusal = simulate(commandLine(['sis', ...args]));
    await expect(refusal).rejects.toBeInstanceOf(SettingError);
    await expect(refusal).rejects.toThrow(message);
  });

  test('a certificate that is none', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'no.pem'), 'no certificate');
    const file = join(folder, 'no.pem');
    await expect(simulate(commandLine(['sis', '--key', file, '--cert', file]))).rejects.toBeInstanceOf(
      SettingError,
    );
  });
});
