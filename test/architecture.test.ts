import { describe, expect, test } from 'vitest';
import { breaches } from './support/architecture-rules.ts';
import { parseSource, readSourceTree, type SourceTree } from './support/source-tree.ts';

test('the sources keep the rules of the design', () => {
  const tree = readSourceTree(new URL('../src/', import.meta.url));
  expect(tree.size).toBeGreaterThan(0);
  expect(breaches(tree)).toEqual([]);
});

describe('a tree that breaks a rule is reported', () => {
  test('model imports nothing, not even what is harmless', () => {
    expect(
      breachesIn({ 'model/entry.ts': "import { open } from '../net/http.ts'", 'net/http.ts': '' }),
    ).toEqual(['model/entry.ts may not import net/http.ts']);
  });

  test('types, re-exports and dynamic imports count as imports', () => {
    const wrong = [
      "import type { A } from '../net/a.ts'",
      "export * from '../net/a.ts'",
      "import('../net/a.ts')",
    ];
    for (const code of [...wrong, "type A = import('../net/a.ts').A"]) {
      expect(breachesIn({ 'state/read.ts': code, 'net/a.ts': '' })).toEqual([
        'state/read.ts may not import net/a.ts',
      ]);
    }
  });

  test.each([
    ['sync/run.ts', 'source/mailchimp.ts'],
    ['sync/run.ts', 'store/open.ts'],
    ['source/mailchimp.ts', 'sink/contract.ts'],
    ['sink/http.ts', 'queue/contract.ts'],
    ['services/lists.ts', 'queue/redis.ts'],
    ['services/lists.ts', 'sync/run.ts'],
    ['controller.ts', 'source/mailchimp.ts'],
    ['controller-loop.ts', 'view/plain.ts'],
    ['view/plain.ts', 'control/client.ts'],
    ['cli/go.ts', 'view/plain.ts'],
    ['cli/go.ts', 'main.ts'],
    ['control/server.ts', 'cli/go.ts'],
  ])('%s may not import %s', (from, to) => {
    expect(breachesIn({ [from]: importOf(from, to), [to]: '' })).toEqual([`${from} may not import ${to}`]);
  });

  test.each([
    ['sync/run.ts', 'source/contract.ts'],
    ['sync/run.ts', 'sync/tracker.ts'],
    ['sink/bullmq.ts', 'queue/redis.ts'],
    ['sink/bullmq/open.ts', 'sink/contract.ts'],
    ['services/lists.ts', 'source/mailchimp.ts'],
    ['services/lists.ts', 'queue/contract.ts'],
    ['controller-loop.ts', 'controller.ts'],
    ['controller.ts', 'sync/run.ts'],
    ['cli/go.ts', 'controller.ts'],
    ['main.ts', 'view/plain.ts'],
  ])('%s may import %s', (from, to) => {
    expect(breachesIn({ [from]: importOf(from, to), [to]: '' })).toEqual([]);
  });

  test('a library outside its folder, one that has none, and a built-in without its prefix', () => {
    expect(
      breachesIn({
        'net/http.ts': "import { fetch } from 'undici'",
        'queue/embedded.ts': "import { NodeFS } from '@electric-sql/pglite/nodefs'",
        'sink/bullmq.ts': "import { Queue } from 'bullmq'",
        'sync/run.ts': "import { z } from 'zod'",
        'view/plain.ts': "import React from 'react'",
        'view/tui/app.tsx': "import React from 'react'; export const App = () => <b>x</b>;",
        'state/read.ts':
          "import { readFile } from 'fs'; import _ from 'lodash'; import test from 'node:test'",
      }),
    ).toEqual([
      'sink/bullmq.ts imports bullmq, which lives in queue',
      'sync/run.ts imports zod, which lives in state',
      'view/plain.ts imports react, which lives in view/tui',
      'state/read.ts imports fs, which has no folder of its own',
      'state/read.ts imports lodash, which has no folder of its own',
      'state/read.ts imports node:test',
    ]);
  });

  test('an import cycle, with the way around', () => {
    expect(
      breachesIn({
        'model/a.ts': "import './b.ts'",
        'model/b.ts': "import type { C } from './c.ts'",
        'model/c.ts': "export * from './b.ts'",
        'model/d.ts': "import './a.ts'; import './b.ts'",
      }),
    ).toEqual(['import cycle: model/b.ts -> model/c.ts -> model/b.ts']);
  });

  test('process and console, but not in main.ts, in words or as a property', () => {
    expect(
      breachesIn({
        'main.ts': 'process.exit(0)',
        'cli/go.ts': 'const a = `${process.env.HOME}`',
        'net/http.ts': 'globalThis.process.exit()',
        'store/open.ts': "import { env } from 'node:process'",
        'view/plain.ts': 'console.log(1)',
        'queue/redis.ts': "// process.exit\nconst told = { process: 'process.exit' }; told.process;",
      }),
    ).toEqual([
      'cli/go.ts uses process: only main.ts may',
      'net/http.ts uses process: only main.ts may',
      'store/open.ts uses process: only main.ts may',
      'view/plain.ts uses console: emit an event instead',
    ]);
  });

  test('a file over 500 lines, a folder nobody planned and an import of nothing', () => {
    expect(
      breachesIn({
        'model/long.ts': 'let a;\n'.repeat(501),
        'model/fits.ts': 'let a;\n'.repeat(500),
        'utils/misc.ts': '',
        'statement/a.ts': '',
        'model/x.ts': "import './y.js'; import '../../test/support/until.ts'",
      }),
    ).toEqual([
      'model/long.ts has 501 lines, more than 500',
      'utils/misc.ts is in no folder of the design',
      'statement/a.ts is in no folder of the design',
      'model/x.ts imports model/y.js, which is no source file',
      'model/x.ts imports ../test/support/until.ts, which is no source file',
    ]);
  });
});

function breachesIn(files: Record<string, string>): string[] {
  const tree: SourceTree = new Map(
    Object.entries(files).map(([path, code]) => [path, parseSource(path, code)]),
  );
  return breaches(tree);
}

function importOf(from: string, to: string): string {
  return `import '${'../'.repeat(from.split('/').length - 1) || './'}${to}'`;
}
