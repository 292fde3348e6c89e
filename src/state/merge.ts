import { getNodeValue, type Edit, type Node } from 'jsonc-parser';
import { StateError } from '../model/errors.ts';
import { canonical } from './canonical.ts';
import { readJsonc } from './jsonc.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Values to set in one entry. Where both the file and the edit have an object, it is set key by key. */
export interface EntryEdit {
  /** The entry's place in the array, from 0. */
  readonly index: number;
  readonly fields: Readonly<Record<string, JsonValue>>;
}

/**
 * The text of a state file with the named values set, and nothing else touched: every byte outside of them survives,
 * so formatting, key order, unknown fields, comments, line ends, byte order mark and final newline do (invariant 5).
 * A field that is missing is added at the end of its object in the object's own style. A value that is there already
 * is not rewritten. Pure. This is the only function that changes the text of a state file.
 *
 * Throws StateError `state.unmergeable` when the text is not a list with such an entry, or the entry has a key twice.
 */
export function mergeWriteBack(text: string, edits: readonly EntryEdit[]): string {
  const tree = readJsonc(text, 'state.json');
  if (!tree.ok) throw unmergeable(tree.problem.message);
  const changes: Edit[] = [];
  for (const [index, fields] of byEntry(edits)) {
    const node = tree.root.type === 'array' ? tree.root.children?.[index] : undefined;
    if (node?.type !== 'object') throw unmergeable(`it has no entry number ${index + 1}`);
    changes.push(...setFields(tree.body, node, fields));
  }
  return tree.bom + applyAll(tree.body, changes);
}

function byEntry(edits: readonly EntryEdit[]): Map<number, Record<string, JsonValue>> {
  const merged = new Map<number, Record<string, JsonValue>>();
  for (const { index, fields } of edits) merged.set(index, { ...merged.get(index), ...fields });
  return merged;
}

/** In one pass: jsonc-parser's applyEdits copies the text once an edit, which takes seconds for thousands of entries. */
function applyAll(body: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const edit of edits.toSorted((left, right) => left.offset - right.offset)) {
    parts.push(body.slice(from, edit.offset), edit.content);
    from = edit.offset + edit.length;
  }
  return parts.join('') + body.slice(from);
}

function setFields(body: string, node: Node, fields: Readonly<Record<string, JsonValue>>): Edit[] {
  const edits: Edit[] = [];
  const missing: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const found = (node.children ?? []).filter((property) => property.children?.[0]?.value === name);
    if (found.length > 1) throw unmergeable(`"${name}" is written twice in one entry`);
    const current = found[0]?.children?.[1];
    if (!current) missing.push(`${JSON.stringify(name)}${colonStyle(body, node)}${JSON.stringify(value)}`);
    else if (isObject(value) && current.type === 'object') edits.push(...setFields(body, current, value));
    else if (canonical(getNodeValue(current)) !== canonical(value)) {
      edits.push({ offset: current.offset, length: current.length, content: JSON.stringify(value) });
    }
  }
  return missing.length === 0 ? edits : [...edits, ...addFields(body, node, missing)];
}

/** New fields behind the last one, each separated as the last one is from what stands before it. */
function addFields(body: string, node: Node, fields: readonly string[]): Edit[] {
  const last = node.children?.at(-1);
  if (!last) {
    const content = fields.join(', ');
    const padded = node.length > 2 ? content : ` ${content} `;
    return [{ offset: node.offset + 1, length: 0, content: padded }];
  }
  const end = last.offset + last.length;
  const gap = gapBefore(body, node, last);
  const comma = trailingComma(body, end, node.offset + node.length);
  if (comma !== undefined) {
    const offset = pastRemark(body, comma + 1, gap);
    return [{ offset, length: 0, content: fields.map((field) => `${gap}${field},`).join('') }];
  }
  const offset = pastRemark(body, end, gap);
  const content = fields.map((field) => `${gap}${field}`).join(',');
  if (offset === end) return [{ offset, length: 0, content: `,${content}` }];
  return [
    { offset: end, length: 0, content: ',' },
    { offset, length: 0, content },
  ];
}

/** The white space in front of the last field: a line end with its indentation, or what separates fields of one line. */
function gapBefore(body: string, node: Node, last: Node): string {
  const before = body.slice(node.offset + 1, last.offset);
  const [, lineEnd, indentation = ''] =
    /(\r\n|\n|\r)([ \t]*)(?:\/\*[^\r\n]*?\*\/[ \t]*)*$/.exec(before) ?? [];
  if (lineEnd !== undefined) return lineEnd + indentation;
  if ((node.children?.length ?? 0) > 1) return /[ \t]*$/.exec(before)?.[0] ?? '';
  return colonStyle(body, node).endsWith(' ') ? ' ' : '';
}

/** Behind a comment that ends the line and so belongs to the field before it, where the next field begins a line. */
function pastRemark(body: string, offset: number, gap: string): number {
  if (!/[\r\n]/.test(gap)) return offset;
  const remark =
    /^[ \t]*(?:\/\*[^\r\n]*?\*\/[ \t]*)*(?:\/\/[^\r\n]*)?(?=[\r\n])/.exec(body.slice(offset))?.[0] ?? '';
  return offset + remark.trimEnd().length;
}

/** The comma behind the last field, if there is one; comments between them are passed over. */
function trailingComma(body: string, from: number, to: number): number | undefined {
  const rest = body.slice(from, to);
  const before = /^(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/.exec(rest)?.[0].length ?? 0;
  return rest[before] === ',' ? from + before : undefined;
}

/** `": "` as the object itself writes it, `: ` where it is empty. */
function colonStyle(body: string, node: Node): string {
  const property = node.children?.at(-1);
  const [key, value] = property?.children ?? [];
  if (!key || !value) return ': ';
  const between = body.slice(key.offset + key.length, value.offset);
  return /^[ \t]*:[ \t]*$/.test(between) ? between : ': ';
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unmergeable(why: string): StateError {
  return new StateError(`state.json cannot be written back to: ${why}`, {
    code: 'state.unmergeable',
    recovery: 'retry',
    hint: 'Correct the file; the result is kept and written as soon as the file is readable.',
  });
}
