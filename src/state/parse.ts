import { getNodeValue, type Node } from 'jsonc-parser';
import type { Entry } from '../model/entry.ts';
import type { FileProblem } from '../model/events.ts';
import { didYouMean } from './did-you-mean.ts';
import { readJsonc } from './jsonc.ts';
import { createProblemAt, type ProblemAt } from './position.ts';
import { entryFields, entrySchema } from './schema.ts';

/** An entry exactly as it stands in the file, unknown fields included. */
export type RawEntry = Readonly<Record<string, unknown>>;

/** One object of the array. With a `problem` it must not run, and `entry` holds only what names it. */
export interface ParsedEntry {
  /** Its place in the array, from 0. */
  readonly index: number;
  readonly entry: Entry;
  readonly raw: RawEntry;
  readonly problem?: FileProblem;
}

export interface EntryWarning {
  readonly index: number;
  readonly problem: FileProblem;
}

export type ParsedState =
  | {
      readonly ok: true;
      readonly entries: readonly ParsedEntry[];
      readonly warnings: readonly EntryWarning[];
    }
  | { readonly ok: false; readonly problem: FileProblem };

export interface ParseOptions {
  /** The name that problems carry. */
  readonly file: string;
  /** What is wrong with a well-formed entry: the field, and what follows its name; undefined when nothing is. */
  readonly check?: (entry: Entry) => { readonly field: string; readonly message: string } | undefined;
  /** What an entry runs that no other entry may run too, if there is such a thing. */
  readonly single?: (entry: Entry) => string | undefined;
}

/**
 * The text of a state file as entries. Pure; never throws. `ok: false` means "not ready, keep the last good one"
 * (invariant 5). A value of a wrong type, range or key written twice makes only its own entry invalid; a likely typo is
 * a warning and the entry still runs.
 */
export function parseState(text: string, options: ParseOptions): ParsedState {
  const tree = readJsonc(text, options.file);
  if (!tree.ok) return tree;
  const problemAt = createProblemAt(options.file, tree.body);
  if (tree.root.type !== 'array') {
    return {
      ok: false,
      problem: problemAt(tree.root.offset, 'expected a list of entries: [ { ... }, { ... } ]'),
    };
  }
  const nodes = tree.root.children ?? [];
  const stray = nodes.find((node) => node.type !== 'object');
  if (stray) return { ok: false, problem: problemAt(stray.offset, 'expected an entry: { ... }') };

  const ids = countIds(nodes);
  const warnings: EntryWarning[] = [];
  const entries = nodes.map((node, index): ParsedEntry => {
    for (const problem of typos(node, problemAt)) warnings.push({ index, problem });
    return readEntry(node, index, ids, { ...options, body: tree.body, problemAt });
  });
  const taken = new Map<string, number>();
  const subjects = entries.map(({ entry, problem }) => (problem ? undefined : options.single?.(entry)));
  for (const subject of subjects)
    if (subject !== undefined) taken.set(subject, (taken.get(subject) ?? 0) + 1);
  const checked = entries.map((parsed, index): ParsedEntry => {
    const subject = subjects[index];
    const node = nodes[index];
    if (!node || subject === undefined || (taken.get(subject) ?? 0) < 2) return parsed;
    const { entry, raw } = parsed;
    const at = valueNode(node, 'service') ?? node;
    const message = `"service" "${subject}" has two entries: only one may move its ordinal, so none of them runs`;
    return { index, entry, raw, problem: problemAt(at.offset, message) };
  });
  return { ok: true, entries: checked, warnings };
}

function readEntry(
  node: Node,
  index: number,
  ids: ReadonlyMap<unknown, number>,
  { body, problemAt, check }: ParseOptions & { readonly body: string; readonly problemAt: ProblemAt },
): ParsedEntry {
  const raw = plainObject(node);
  const invalid = (at: Node, message: string): ParsedEntry => ({
    index,
    entry: naming(raw),
    raw,
    problem: problemAt(at.offset, message),
  });

  const twice = repeatedKey(node);
  if (twice)
    return invalid(twice, `"${String(twice.value)}" is written twice in this entry: remove one of them`);

  const read = entrySchema.safeParse(raw);
  if (!read.success) {
    const issues = read.error.issues.map((issue) => {
      const field = String(issue.path[0] ?? '');
      const at = valueNode(node, field);
      return { at: at ?? node, message: complaint(field, issue.message, at, body) };
    });
    issues.sort((left, right) => left.at.offset - right.at.offset);
    const [first] = issues;
    if (first) return invalid(first.at, first.message);
  }
  const entry: Entry = read.success ? read.data : {};

  if (entry.id !== undefined && (ids.get(entry.id) ?? 0) > 1) {
    return invalid(
      valueNode(node, 'id') ?? node,
      `"id" must be unique, but "${entry.id}" is used more than once`,
    );
  }
  const fault = check?.(entry);
  if (fault) return invalid(valueNode(node, fault.field) ?? node, `"${fault.field}" ${fault.message}`);
  return { index, entry, raw };
}

function complaint(field: string, expected: string, at: Node | undefined, body: string): string {
  if (field === '') return `an entry must have ${expected}`;
  if (at === undefined) return `"${field}" must be ${expected}`;
  return `"${field}" must be ${expected}, found ${shown(at, body)}`;
}

/** The value as the file spells it: a number beyond 2^53 is not what JavaScript made of it. */
function shown(node: Node, body: string): string {
  if (node.type === 'object') return '{ ... }';
  if (node.type === 'array') return '[ ... ]';
  const value = body.slice(node.offset, node.offset + node.length);
  return value.length > 40 ? `${value.slice(0, 40)}...` : value;
}

function* typos(node: Node, problemAt: ProblemAt): Iterable<FileProblem> {
  for (const key of keyNodes(node)) {
    const name = String(key.value);
    if (entryFields.includes(name)) continue;
    const meant = didYouMean(name, entryFields);
    if (meant !== undefined) {
      yield problemAt(key.offset, `unknown field "${name}": did you mean "${meant}"?`);
    }
  }
}

/** JSON.parse takes the last of two equal keys and editors change the first, so neither is believed. */
function repeatedKey(node: Node): Node | undefined {
  const seen = new Set<unknown>();
  return keyNodes(node).find((key) => {
    if (seen.has(key.value)) return true;
    seen.add(key.value);
    return false;
  });
}

function countIds(nodes: readonly Node[]): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const node of nodes) {
    const value: unknown = valueNode(node, 'id')?.value;
    const id = typeof value === 'string' ? value.trim() : undefined;
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** What an invalid entry is called on screens. */
function naming(raw: RawEntry): Entry {
  const { list_id, service, id } = raw;
  return {
    ...(typeof list_id === 'string' ? { list_id } : {}),
    ...(typeof service === 'string' ? { service } : {}),
    ...(typeof id === 'string' ? { id } : {}),
  };
}

function keyNodes(node: Node): Node[] {
  return (node.children ?? []).flatMap((property) => property.children?.slice(0, 1) ?? []);
}

/** The last of equal keys, as JSON.parse takes it. */
function valueNode(node: Node, field: string): Node | undefined {
  return node.children?.findLast((property) => property.children?.[0]?.value === field)?.children?.[1];
}

function plainObject(node: Node): RawEntry {
  const raw: Record<string, unknown> = Object.create(null);
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key && value) raw[String(key.value)] = getNodeValue(value);
  }
  return raw;
}
