import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  onlyPrograms,
  standInProject,
  type Ended,
  type StandInProject,
} from '../support/stand-in-project.ts';

// `./run.sh test` itself: what it counts, and what its last line and exit code say.

let project: StandInProject;

beforeAll(async () => {
  project = standInProject();
  await project.run(['setup']);
  project.write(
    'test/good.test.ts',
    `import { expect, test } from 'vitest';
test('passes', () => expect(process.env['QUEUE_URL']).toBeUndefined());
test('needs redis', (context) => context.skip('no redis-server on PATH'));
test.skip('is put off', () => undefined);
`,
  );
  project.write('test/bad.test.ts', BAD);
  project.write(
    'test/crash.test.ts',
    "import { test } from 'vitest';\ntest('dies', () => process.kill(process.pid, 'SIGKILL'));\n",
  );
  project.write('test/broken.test.ts', "import './nothing.ts';\n");
});
afterAll(() => project.close());

test('passed and skipped tests are counted, and each skip is named with its reason', async () => {
  const ended = await project.run(['test', 'test/good'], { env: { QUEUE_URL: 'redis://somebody' } });
  expect(lastLine(ended)).toBe('1 passed, 0 failed, 2 skipped');
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain('skipped (no redis-server on PATH):\n  good.test.ts > needs redis\n');
  expect(ended.stdout).toContain('good.test.ts > is put off');
});

test('a failed test, an error outside any test and a failed hook each count', async () => {
  const ended = await project.run(['test', 'test/bad']);
  expect(lastLine(ended)).toBe('1 passed, 3 failed, 1 skipped');
  expect(ended.code).toBe(1);
});

test.each([
  ['crash', 'a worker that dies'],
  ['broken', 'a file that does not load'],
  ['nothing-is-called-this', 'a run without any test'],
])('test/%s: %s is a failure', async (filter) => {
  const ended = await project.run(['test', `test/${filter}`]);
  expect(lastLine(ended)).toMatch(/^0 passed, [1-9] failed$/);
  expect(ended.code).toBe(1);
});

test('under CI a test skipped for want of redis-server failed', async () => {
  const tools = ['bash', 'cat', 'cksum', 'env', 'find', 'id', 'mktemp', 'rm', 'sort', 'sh', 'uname'];
  const PATH = onlyPrograms(join(project.outside, 'no redis'), tools);
  const inCi = await project.run(['test', 'test/good'], { env: { PATH, CI: 'true' } });
  expect(inCi.stderr).toContain('there is no redis-server on PATH');
  expect(lastLine(inCi)).toBe('1 passed, 2 failed');
  expect(inCi.code).toBe(1);

  for (const CI of ['', 'false']) {
    expect(lastLine(await project.run(['test', 'test/good'], { env: { PATH, CI } }))).toBe(
      '1 passed, 0 failed, 2 skipped',
    );
  }
});

test('without arguments lint, format and types count too, and the tests run all the same', async () => {
  const untidy = project.copy();
  try {
    for (const name of ['bad', 'crash', 'broken']) untidy.write(`test/${name}.test.ts`, PASSES);
    untidy.write('src/untidy.ts', "export const untidy = () => { console.log('x') }\n");
    untidy.write('test/types.test.ts', PASSES.replaceAll('true', "('x' satisfies number)"));
    const ended = await untidy.run(['test']);
    for (const told of ['lint failed', 'the format check', 'the type check of test failed']) {
      expect(ended.stderr).toContain(told);
    }
    expect(lastLine(ended)).toBe('5 passed, 3 failed, 2 skipped');
    expect(ended.code).toBe(1);
  } finally {
    untidy.close();
  }
});

test('a set-up that fails is a failed test run', async () => {
  const broken = project.copy();
  try {
    broken.write('src/main.ts', 'const wrong: number = "x";\n');
    const ended = await broken.run(['test', 'test/good']);
    expect(lastLine(ended)).toBe('0 passed, 1 failed');
    expect(ended.code).toBe(1);
  } finally {
    broken.close();
  }
});

test('no test at all is a failure even where vitest is content with it', async () => {
  const ended = await project.run(['test', 'test/nothing', '--passWithNoTests']);
  expect(lastLine(ended)).toBe('0 passed, 1 failed');
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('no test was run') });
});

const PASSES = "import { expect, test } from 'vitest';\n\ntest('passes', () => expect(true).toBe(true));\n";

const BAD = `import { beforeAll, describe, expect, test } from 'vitest';
test('is wrong', () => expect(1).toBe(2));
test('leaves an error behind', async () => {
  setTimeout(() => { throw new Error('left behind'); }, 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
});
describe('with a hook', () => {
  beforeAll(() => { throw new Error('hook'); });
  test('is never run', () => undefined);
});
`;

function lastLine({ stdout }: Ended): string | undefined {
  return stdout.trimEnd().split('\n').at(-1);
}
