import { resolveImport, type SourceTree } from './source-tree.ts';

/**
 * Who may import whom (design.md, "How data flows"), as path prefixes below src. One's own folder is always allowed.
 * The longest matching key counts, so `sink/bullmq` can differ from `sink`.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': [''],
  // Anything but the view, which main.ts hands over.
  cli: [
    'consumer',
    'control',
    'controller',
    'model',
    'net',
    'queue',
    'schedule',
    'services',
    'simulator',
    'sink',
    'source',
    'state',
    'store',
    'sync',
    'transform',
  ],
  controller: ['model', 'state', 'schedule', 'services', 'sync', 'store', 'control', 'controller'],
  model: [],
  state: ['model'],
  schedule: ['model'],
  services: ['model', 'source', 'transform', 'sink', 'simulator', 'net', 'queue/contract.ts'],
  source: ['model', 'net'],
  transform: ['model'],
  sink: ['model', 'net'],
  'sink/bullmq': ['model', 'net', 'queue', 'sink'],
  queue: ['model'],
  net: ['model'],
  sync: ['model', 'source/contract.ts', 'sink/contract.ts', 'transform/contract.ts'],
  store: ['model'],
  consumer: ['model', 'queue'],
  control: ['model'],
  view: ['model'],
  simulator: ['model'],
};

/** Where each outside library may be used. One that is not listed has no place yet. */
const LIBRARY_HOMES: Readonly<Record<string, readonly string[]>> = {
  bullmq: ['queue'],
  ioredis: ['queue'],
  '@electric-sql/pglite': ['queue'],
  pg: ['queue', 'source', 'consumer'],
  undici: ['net'],
  chokidar: ['state'],
  'jsonc-parser': ['state'],
  'p-queue': ['sync'],
  croner: ['schedule'],
  ink: ['view/tui'],
  react: ['view/tui'],
  // Where outside data comes in: files, answers, requests, rows, arguments.
  zod: [
    'state',
    'source',
    'sink',
    'queue',
    'net',
    'store',
    'consumer',
    'control',
    'simulator',
    'cli',
    'main.ts',
  ],
};

const MOST_LINES = 500;

/** Every breach of the rules in `tree`, as sentences; empty when there is none. */
export function breaches(tree: SourceTree): string[] {
  const found: string[] = [];
  for (const [path, file] of tree) {
    for (const specifier of file.imports) found.push(...breachesOfImport(path, specifier, tree));
    if (path !== 'main.ts' && file.globals.includes('process'))
      found.push(`${path} uses process: only main.ts may`);
    if (file.globals.includes('console')) found.push(`${path} uses console: emit an event instead`);
    if (file.lines > MOST_LINES) found.push(`${path} has ${file.lines} lines, more than ${MOST_LINES}`);
    if (ruleFor(path) === undefined) found.push(`${path} is in no folder of the design`);
  }
  for (const cycle of cycles(tree)) found.push(`import cycle: ${cycle.join(' -> ')}`);
  return found;
}

function breachesOfImport(path: string, specifier: string, tree: SourceTree): string[] {
  if (specifier.startsWith('.')) return breachesOfRelative(path, resolveImport(path, specifier), tree);
  if (specifier.startsWith('node:')) return breachesOfBuiltin(path, specifier);
  const library = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const homes = LIBRARY_HOMES[library];
  if (homes === undefined) return [`${path} imports ${library}, which has no folder of its own`];
  return homes.some((home) => isWithin(path, home))
    ? []
    : [`${path} imports ${library}, which lives in ${homes[0]}`];
}

function breachesOfBuiltin(path: string, specifier: string): string[] {
  if (specifier === 'node:test') return [`${path} imports node:test`];
  if (specifier === 'node:process' && path !== 'main.ts') return [`${path} uses process: only main.ts may`];
  return [];
}

function breachesOfRelative(path: string, target: string, tree: SourceTree): string[] {
  if (!tree.has(target)) return [`${path} imports ${target}, which is no source file`];
  const allowed = ruleFor(path)?.[1] ?? [];
  const own = ruleFor(path)?.[0] ?? path;
  if (isWithin(target, own) || allowed.some((prefix) => isWithin(target, prefix))) return [];
  return [`${path} may not import ${target}`];
}

function ruleFor(path: string): [string, readonly string[]] | undefined {
  return Object.entries(MAY_IMPORT)
    .filter(([prefix]) => isWithin(path, prefix))
    .toSorted(([a], [b]) => b.length - a.length)[0];
}

/** `controller` covers controller.ts, controller-loop.ts and controller/; `state` does not cover statement/. */
function isWithin(path: string, prefix: string): boolean {
  if (prefix === '' || path === prefix) return true;
  return path.startsWith(prefix) && ['/', '.', '-'].includes(path.charAt(prefix.length));
}

/** One path for each import that closes a circle. */
function cycles(tree: SourceTree): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const follow = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    for (const specifier of tree.get(path)?.imports ?? []) {
      if (specifier.startsWith('.')) follow(resolveImport(path, specifier), [...trail, path]);
    }
    done.add(path);
  };
  for (const path of tree.keys()) follow(path, []);
  return found;
}
