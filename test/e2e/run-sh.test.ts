import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  onlyPrograms,
  standInProject,
  type Ended,
  type StandInProject,
} from '../support/stand-in-project.ts';
import { until } from '../support/until.ts';

const open: StandInProject[] = [];
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});

let template: StandInProject;
beforeAll(async () => {
  template = standInProject();
  await template.run(['setup']);
});
afterAll(() => template.close());

function readyProject(): StandInProject {
  const project = template.copy();
  open.push(project);
  return project;
}

function newProject(spoil?: (script: string) => string): StandInProject {
  const project = standInProject(spoil);
  open.push(project);
  return project;
}

/** What the stand-in program said about itself. */
function said(ended: Ended): unknown {
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return JSON.parse(ended.stdout);
}

describe('without set-up', () => {
  test('a bare ./run.sh and help list the commands and touch nothing', async () => {
    const project = newProject();
    const bare = await project.run([]);
    expect(bare).toMatchObject({ code: 0, stderr: '' });
    for (const command of [
      'go',
      'setup',
      'test',
      'build',
      'version',
      'check',
      'status',
      'queues',
      'demo',
      'simulate',
    ]) {
      expect(bare.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
    expect(await project.run(['help'])).toEqual(bare);
    expect(existsSync(project.path('node_modules'))).toBe(false);
  });

  test.each(['nonsense', '--plain', 'queues peek', ' ', 'peek'])(
    '"%s" is exit 2 and tells what there is',
    async (word) => {
      const project = newProject();
      const ended = await project.run([word]);
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toContain(`there is no command "${word}"`);
      expect(ended.stderr).toMatch(/^ {2}go /m);
      expect(project.installs()).toBe(0);
    },
  );
});

describe('help of one command', () => {
  const ways = [
    ['go', '--help'],
    ['help', 'go'],
    ['go', '-h', '--once'],
  ];

  test.each(ways)('%s %s installs and compiles nothing, and tells what it can', async (...args) => {
    const project = newProject();
    const ended = await project.run(args);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ {2}go +keep what .*\n$/) });
    expect(ended.stderr).toBe(
      'sluice: nothing is installed yet, so that is all there is to say; ./run.sh setup installs and compiles.\n',
    );
    expect(project.installs()).toBe(0);
  });

  test('twin: as any other start it would install', async () => {
    const project = newProject((script) => script.replace('if asks_help "$@"; then', 'if false; then'));
    expect((await project.run(['go', '--help'])).stderr).toContain('installing');
    expect(project.installs()).toBe(1);
  });

  test.each(ways)('%s %s asks the program once it is set up, and notes no call', async (...args) => {
    const project = readyProject();
    const { stderr, ...ended } = await project.run(args);
    expect(stderr).toBe('');
    const { args: passed } = z.object({ args: z.array(z.string()) }).parse(said({ ...ended, stderr }));
    expect(passed[0]).toBe('go');
    expect(passed.some((word) => word === '--help' || word === '-h')).toBe(true);
    expect(existsSync(project.path('state/.called'))).toBe(false);
  });

  test('of sources that are not compiled is that of the sources, and compiles nothing', async () => {
    const project = readyProject();
    appendFileSync(project.path('src/main.ts'), "process.stdout.write('of the sources');\n");
    const before = statSync(project.path('dist')).ctimeMs;
    const ended = await project.run(['go', '--help']);
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('of the sources') });
    expect(statSync(project.path('dist')).ctimeMs).toBe(before);
  });

  test.each(['setup', 'test', 'build'])('%s says how it is used and does nothing', async (name) => {
    const project = newProject();
    const ended = await project.run([name, '--help']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(new RegExp(`^usage: \\./run\\.sh ${name}\\b`));
    expect(await project.run(['help', name])).toEqual(ended);
    expect(project.installs()).toBe(0);
  });

  test('of nothing that is known is exit 2', async () => {
    const ended = await newProject().run(['help', 'nonsense']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('there is no command "nonsense"');
  });
});

describe('set-up', () => {
  test('the first start installs, compiles and seeds dist; the second does nothing', async () => {
    const project = newProject();
    const first = await project.run(['version', '--plain']);
    expect(first.stderr).toBe('sluice: installing (first start only) ...\nsluice: compiling ...\n');
    expect(said(first)).toMatchObject({ args: ['version', '--plain'], NODE_ENV: 'production' });
    expect(readFileSync(project.path('dist/state.example.json'), 'utf8')).toBe('[]\n');
    expect(readFileSync(project.path('dist/help.txt'), 'utf8')).toBe((await project.run([])).stdout);

    const compiledAt = statSync(project.path('dist')).ctimeMs;
    const second = await project.run(['version']);
    expect(second.stderr).toBe('');
    expect(said(second)).toMatchObject({ node: expect.stringMatching(/^v2[6-9]/) });
    expect(project.installs()).toBe(1);
    expect(statSync(project.path('dist')).ctimeMs).toBe(compiledAt);
  });

  test('twin: without the stamps every start installs and compiles', async () => {
    const project = newProject((script) => script.replaceAll('echo "$stamp" >', ': >'));
    await project.run(['setup']);
    expect((await project.run(['setup'])).stderr).toContain('compiling');
    expect(project.installs()).toBe(2);
  });

  test('a changed source compiles, a changed lock file installs, another time stamp does neither', async () => {
    const project = readyProject();
    utimesSync(project.path('src/main.ts'), new Date(), new Date());
    utimesSync(project.path('package-lock.json'), new Date(), new Date());
    expect(await project.run(['setup'])).toEqual({ code: 0, stdout: '', stderr: '' });

    appendFileSync(project.path('src/main.ts'), '// changed\n');
    expect((await project.run(['setup'])).stderr).toBe('sluice: compiling ...\n');
    rmSync(project.path('state/state.example.json'));
    expect((await project.run(['setup'])).stderr).toBe('sluice: compiling ...\n');
    expect(existsSync(project.path('dist/state.example.json'))).toBe(false);
    expect(project.installs()).toBe(1);

    appendFileSync(project.path('package-lock.json'), '\n');
    expect((await project.run(['setup'])).stderr).toContain(
      'installing (package-lock.json is new or changed)',
    );
    expect(project.installs()).toBe(2);
  });

  test('a source that was removed is gone from dist as well', async () => {
    const project = newProject();
    project.write('src/old.ts', 'export const old = 1;\n');
    await project.run(['setup']);
    expect(existsSync(project.path('dist/old.js'))).toBe(true);
    rmSync(project.path('src/old.ts'));
    await project.run(['setup']);
    expect(existsSync(project.path('dist/old.js'))).toBe(false);
  });

  test('two first commands at once install once, and both work', async () => {
    const project = newProject();
    const ended = await Promise.all([
      project.run(['version']),
      project.run(['status']),
      project.run(['setup']),
    ]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(project.installs()).toBe(1);
    expect(ended.filter(({ stderr }) => stderr.includes('waiting for it'))).toHaveLength(2);
  });

  test('twin: without the lock they collide', async () => {
    const project = newProject((script) => script.replace('lock_set_up || stop', 'true || stop'));
    await Promise.all([project.run(['version']), project.run(['status']), project.run(['setup'])]);
    expect(project.installs()).toBeGreaterThan(1);
  });

  test('where there is no flock(1), perl locks', async () => {
    const project = newProject((script) => script.replaceAll('command -v flock', 'false'));
    const ended = await Promise.all([project.run(['version']), project.run(['setup'])]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(project.installs()).toBe(1);
  });

  test('a set-up that was killed in the middle is done again', async () => {
    const project = newProject();
    const killed = project.start(['setup']);
    await until(() => project.installs() === 1, { what: 'npm to be started' });
    killed.kill('SIGKILL');
    expect(said(await project.run(['version']))).toMatchObject({ args: ['version'] });
  });

  test('a failed npm shows its output, starts nothing, and is tried again', async () => {
    const project = newProject();
    writeFileSync(join(project.outside, 'npm-fails'), '');
    const failed = await project.run(['version']);
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain('npm error: no way through');
    rmSync(join(project.outside, 'npm-fails'));
    expect(said(await project.run(['version']))).toMatchObject({ args: ['version'] });
  });

  test('sources that do not compile are told, and what was compiled before stays', async () => {
    const project = readyProject();
    const before = readFileSync(project.path('dist/main.js'), 'utf8');
    appendFileSync(project.path('src/main.ts'), 'export const wrong: number = "x";\n');
    const ended = await project.run(['version']);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('src/main.ts');
    expect(readFileSync(project.path('dist/main.js'), 'utf8')).toBe(before);
  });

  test('no Node, an old one, and no npm are each told', async () => {
    const project = newProject();
    const tools = [
      'bash',
      'cat',
      'cksum',
      'env',
      'find',
      'flock',
      'mkdir',
      'mktemp',
      'readlink',
      'rm',
      'sort',
    ];
    const PATH = onlyPrograms(join(project.outside, 'tools'), tools);
    const without = await project.run(['version'], { env: { PATH } });
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no Node on PATH') });

    writeFileSync(join(PATH, 'node'), '#!/bin/sh\necho 18.1.0\n', { mode: 0o755 });
    const old = await project.run(['version'], { env: { PATH } });
    expect(old).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is 18.1.0; Sluice needs 20 or newer'),
    });

    writeFileSync(join(PATH, 'node'), '#!/bin/sh\necho 20.0.0\n', { mode: 0o755 });
    const noNpm = await project.run(['version'], { env: { PATH } });
    expect(noNpm).toMatchObject({ code: 2, stderr: expect.stringContaining('but no npm') });
  });

  test('what is set up needs no Node on PATH', async () => {
    const project = readyProject();
    const PATH = onlyPrograms(join(project.outside, 'tools'), ['bash', 'cksum', 'env', 'find', 'sort']);
    expect(said(await project.run(['version'], { env: { PATH } }))).toMatchObject({ args: ['version'] });
  });

  test('an image, with dist but neither src nor the lock file, needs no set-up', async () => {
    const project = readyProject();
    for (const name of ['src', 'package-lock.json', 'node_modules']) {
      rmSync(project.path(name), { recursive: true });
    }
    expect((await project.run(['setup'])).stderr).toBe('');
    expect(said(await project.run(['version']))).toMatchObject({ args: ['version'] });
    expect(project.installs()).toBe(1);
  });

  test('NODE_ENV=production and a person who omits dev packages still get the compiler', async () => {
    const project = newProject();
    await project.run(['setup'], { env: { NODE_ENV: 'production' } });
    expect(readFileSync(join(project.outside, 'npm-calls'), 'utf8')).toContain('ci --include=dev');
  });
});

describe('the program', () => {
  test('runs from another directory and through links, and stays in the directory of the caller', async () => {
    const project = readyProject();
    symlinkSync('a project/run.sh', join(project.outside, 'near link'));
    mkdirSync(join(project.outside, 'deep'));
    symlinkSync('../near link', join(project.outside, 'deep/far'));
    const cwd = join(project.outside, 'deep');
    for (const command of [project.path('run.sh'), join(cwd, 'far'), './far']) {
      expect(said(await project.run(['version'], { cwd, command }))).toMatchObject({ cwd });
    }
    const byBash = await project.run(['run.sh', 'version'], { command: 'bash' });
    expect(said(byBash)).toMatchObject({ cwd: project.root });
  });

  test('gets its arguments as they are, and gives its exit code', async () => {
    const project = readyProject();
    const args = ['check', '', '--state', 'a b', '*', '"$HOME"', '--exit', '7'];
    const ended = await project.run(args);
    expect(ended.code).toBe(7);
    expect(JSON.parse(ended.stdout)).toMatchObject({ args });
  });

  test('without a terminal it takes the place of run.sh', async () => {
    const project = readyProject();
    project.write('src/main.ts', "process.stdout.write('');\nsetInterval(() => {}, 1000);\n");
    await project.run(['setup']);
    const started = project.start(['status']);
    try {
      const command = `/proc/${started.pid}/cmdline`;
      await until(() => readFileSync(command, 'utf8').includes('dist/main.js'), {
        what: 'node to replace run.sh',
      });
    } finally {
      started.kill('SIGKILL');
    }
  });

  test('NO_COLOR becomes FORCE_COLOR=0, an empty one does not', async () => {
    const project = readyProject();
    const plain = said(await project.run(['version'], { env: { NO_COLOR: '1', FORCE_COLOR: '1' } }));
    expect(plain).toMatchObject({ FORCE_COLOR: '0' });
    expect(said(await project.run(['version'], { env: { NO_COLOR: '' } }))).not.toHaveProperty('FORCE_COLOR');
  });

  test('go leaves the time of the call in the state folder before the set-up; nothing else does', async () => {
    const project = newProject();
    const started = project.start(['go']);
    const called = await until(() => statSync(project.path('state/.called')).mtimeMs);
    await until(() => started.exitCode === 0, { what: 'go to end' });
    expect(called).toBeLessThanOrEqual(statSync(join(project.outside, 'npm-calls')).mtimeMs);
    await project.run(['status']);
    expect(statSync(project.path('state/.called')).mtimeMs).toBe(called);

    mkdirSync(join(project.outside, 'my state'));
    const mine = join(project.outside, 'my state/.called');
    for (const [args, env] of [
      [['go', '--state', '../my state'], {}],
      [['go', '--state=../my state', '--plain'], {}],
      [['go'], { SLUICE_STATE: '../my state' }],
      [['go', '--state', '../my state'], { SLUICE_STATE: 'state' }],
    ] as const) {
      expect(said(await project.run(args, { env }))).toMatchObject({ SLUICE_CALLED: '../my state/.called' });
      expect(existsSync(mine)).toBe(true);
      rmSync(mine);
    }
    expect(statSync(project.path('state/.called')).mtimeMs).toBe(called);
    const nowhere = await project.run(['go', '--state', 'nowhere'], {
      env: { SLUICE_CALLED: 'of another start' },
    });
    expect(nowhere.stderr).toBe('');
    expect(said(nowhere)).not.toHaveProperty('SLUICE_CALLED');
    expect(existsSync(project.path('nowhere'))).toBe(false);
  });
});

describe('build', () => {
  test('without a Docker engine says so, builds locally and is content', async () => {
    const project = readyProject();
    const DOCKER_HOST = `unix://${project.outside}/no-engine.sock`;
    const ended = await project.run(['build'], { env: { DOCKER_HOST } });
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('no Docker engine') });
    expect(existsSync(project.path('dist/main.js'))).toBe(true);
  });
});
