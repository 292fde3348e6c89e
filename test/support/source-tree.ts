import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** What the architecture rules look at in one source file. */
export interface SourceFile {
  /** As written: './entry.ts', '../model/clock.ts', 'bullmq', 'node:fs'. Types, re-exports and import() included. */
  imports: readonly string[];
  /** Those of `process` and `console` that the code touches. */
  globals: readonly string[];
  lines: number;
}

/** Files by their path below src, with forward slashes. */
export type SourceTree = ReadonlyMap<string, SourceFile>;

/** Reads and parses every .ts and .tsx file below `folder`. */
export function readSourceTree(folder: URL): SourceTree {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.tsx?$/.test(path))
    .toSorted();
  return new Map(paths.map((path) => [path, parseSource(path, readFileSync(new URL(path, folder), 'utf8'))]));
}

/** Throws a SyntaxError where `code` is not TypeScript. */
export function parseSource(path: string, code: string): SourceFile {
  const imports = new Set<string>();
  const globals = new Set<string>();
  visit(parseAst(code, { lang: path.endsWith('x') ? 'tsx' : 'ts' }), (node) => {
    const source = node['source'];
    if (isNode(source) && typeof source['value'] === 'string') imports.add(source['value']);
    if (node['type'] === 'MemberExpression') {
      const [object, property] = [nameOf(node['object']), nameOf(node['property'])];
      for (const name of ['process', 'console']) {
        if (object === name || (object === 'globalThis' && property === name)) globals.add(name);
      }
    }
  });
  return { imports: [...imports], globals: [...globals], lines: code.trimEnd().split('\n').length };
}

/** The path below src that a relative import in `from` means. */
export function resolveImport(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

type Node = Record<string, unknown>;

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
  } else if (isNode(value)) {
    see(value);
    for (const child of Object.values(value)) visit(child, see);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): unknown {
  return isNode(value) && value['type'] === 'Identifier' ? value['name'] : undefined;
}
