import { problem, type Problem } from './problem.ts';

/** Which properties of an answer are wanted: all, only some, or all but some. */
export type FieldChoice =
  | { readonly type: 'all' }
  | { readonly type: 'only' | 'except'; readonly names: readonly string[]; readonly tree: FieldTree };

/** Names by level; an empty map stands for everything below. */
type FieldTree = Map<string, FieldTree>;

/**
 * Reads `fields` and `exclude_fields` (apis.md 1.2: mutually exclusive, dotted, unknown names are an error).
 * `sample` is an answer in which every name that exists occurs.
 */
export function parseFields(query: URLSearchParams, sample: unknown): FieldChoice | Problem {
  const only = names(query.get('fields'));
  const except = names(query.get('exclude_fields'));
  if (only.length > 0 && except.length > 0) {
    return problem(400, 'You may not use both fields and exclude_fields in one request.');
  }
  const chosen = only.length > 0 ? only : except;
  if (chosen.length === 0) return { type: 'all' };
  const unknown = chosen.filter((name) => !exists(sample, name.split('.')));
  if (unknown.length > 0) {
    return problem(422, `The fields requested from this resource are invalid: ${unknown.join(', ')}`);
  }
  return { type: only.length > 0 ? 'only' : 'except', names: chosen, tree: treeOf(chosen) };
}

/** What is left of `value` after the choice; `path` says where in the answer it stands, for example `['members']`. */
export function chooseFields(value: unknown, choice: FieldChoice, path: readonly string[] = []): unknown {
  if (choice.type === 'all') return value;
  let tree: FieldTree | undefined = choice.tree;
  for (const name of path) {
    tree = tree.get(name);
    if (!tree || tree.size === 0) break;
  }
  const whole = choice.type === 'only' ? tree?.size === 0 : tree === undefined;
  if (whole) return value;
  return tree === undefined || tree.size === 0 ? undefined : pruned(value, tree, choice.type === 'only');
}

function pruned(value: unknown, tree: FieldTree, keep: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => pruned(item, tree, keep));
  if (!isObject(value)) return value;
  const left: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const below = tree.get(name);
    if (below === undefined ? keep : !keep && below.size === 0) continue;
    left[name] = below === undefined || below.size === 0 ? inner : pruned(inner, below, keep);
  }
  return left;
}

function names(list: string | null): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

function treeOf(chosen: readonly string[]): FieldTree {
  const root: FieldTree = new Map();
  // Shorter names first: `members` makes `members.id` superfluous.
  for (const name of chosen.toSorted((a, b) => a.length - b.length)) {
    let node = root;
    const parts = name.split('.');
    for (const [level, part] of parts.entries()) {
      const next = node.get(part);
      if (next?.size === 0) break;
      const child: FieldTree = next ?? new Map();
      node.set(part, child);
      if (level < parts.length - 1) node = child;
    }
  }
  return root;
}

/** The names below these are the account's own, so any name may occur there. */
const open = new Set(['merge_fields', 'interests']);

function exists(sample: unknown, parts: readonly string[]): boolean {
  const [name, ...rest] = parts;
  if (name === undefined) return true;
  const here: unknown = Array.isArray(sample) ? sample[0] : sample;
  if (!isObject(here) || !Object.hasOwn(here, name)) return false;
  return open.has(name) || exists(here[name], rest);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
