import type { Style } from '../state/texts.ts';

/** One field as a person or the controller wrote it: what it says, and how it is spelled. */
export interface Field {
  readonly name: string;
  readonly spelled: string;
  /** A comment stands in front of it. */
  readonly block?: boolean;
  /** A comment stands behind it, on the same line. */
  readonly remark?: boolean;
}

export type EntryText = readonly Field[];

/** A state file by its meaning and its formatting: the text follows from it to the byte. */
export interface StateDocument {
  readonly entries: readonly EntryText[];
  readonly style: Style;
}

/** The text of a document. Written without a line of the code under test. */
export function render({ entries, style }: StateDocument): string {
  const { eol, indent, remarks, bom, finalNewline } = style;
  const list = entries.map((entry) => `${eol}${indent}${renderEntry(entry, style)}`).join(',');
  const head = remarks ? `// kept by hand${eol}` : '';
  return `${bom ? '\uFEFF' : ''}${head}[${list}${eol}]${finalNewline ? eol : ''}`;
}

function renderEntry(entry: EntryText, { eol, indent, oneLine, trailingComma, colon }: Style): string {
  const gap = oneLine ? ' ' : eol + indent + indent;
  const body = entry.map(({ name, spelled, block, remark }, place) => {
    const before = block === true ? '/* [ , ] */ ' : '';
    const comma = place < entry.length - 1 || trailingComma ? ',' : '';
    const after = remark === true && !oneLine ? ' // a person wrote: "this", {that}' : '';
    return `${gap}${before}${JSON.stringify(name)}${colon}${spelled}${comma}${after}`;
  });
  return `{${body.join('')}${oneLine ? ' ' : eol + indent}}`;
}

/** An entry as a reader of JSON understands it: of equal keys the last one counts. */
export function rawOf(entry: EntryText): Record<string, unknown> {
  return Object.fromEntries(entry.map(({ name, spelled }) => [name, JSON.parse(spelled) as unknown]));
}

/** The document with values set in one entry, as a careful hand would do it: in place, or behind the last field. */
export function setValues(
  document: StateDocument,
  index: number,
  values: Readonly<Record<string, unknown>>,
): StateDocument {
  const entries = document.entries.map((entry, place) => {
    return place === index ? setFields(entry, values) : entry;
  });
  return { ...document, entries };
}

function setFields(entry: EntryText, values: Readonly<Record<string, unknown>>): EntryText {
  const there = new Set(entry.map(({ name }) => name));
  const changed = entry.map((field) => {
    const value = values[field.name];
    return value === undefined || JSON.stringify(JSON.parse(field.spelled)) === JSON.stringify(value)
      ? field
      : { ...field, spelled: JSON.stringify(value) };
  });
  const added = Object.entries(values).filter(([name]) => !there.has(name));
  return [...changed, ...added.map(([name, value]) => ({ name, spelled: JSON.stringify(value) }))];
}

/** Whether an entry writes one of these names twice: which of the two counts nobody can say. */
export function repeats(entry: EntryText, names: readonly string[]): boolean {
  return names.some((name) => entry.filter((field) => field.name === name).length > 1);
}
