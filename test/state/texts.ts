import * as fc from 'fast-check';

/** What a value in a hand-written file may be. */
const value = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('1.50', '1e3', '-0'),
  fc.constant({ nested: [1, { deep: 'x' }] }),
);

const fieldName = fc.constantFrom(
  'worker_count',
  'latest_timestamp',
  'total_updates',
  'elapsed_seconds',
  'note',
  'ünïcode "quoted"',
  'x-y',
);

export interface Style {
  readonly eol: string;
  readonly indent: string;
  readonly oneLine: boolean;
  readonly trailingComma: boolean;
  readonly remarks: boolean;
  readonly bom: boolean;
  readonly finalNewline: boolean;
  readonly colon: string;
}

export const style: fc.Arbitrary<Style> = fc.record({
  eol: fc.constantFrom('\n', '\r\n'),
  indent: fc.constantFrom('  ', '\t', '    ', ''),
  oneLine: fc.boolean(),
  trailingComma: fc.boolean(),
  remarks: fc.boolean(),
  bom: fc.boolean(),
  finalNewline: fc.boolean(),
  colon: fc.constantFrom(':', ': ', ' : '),
});

export const fields = fc.dictionary(fieldName, value, { maxKeys: 5 });

export type Fields = Readonly<Record<string, unknown>>;

/** The text of a state file as some person's editor left it. */
export function writeInStyle(entries: readonly Fields[], written: Style): string {
  const { eol, indent, oneLine, trailingComma, remarks, bom, finalNewline, colon } = written;
  const gap = oneLine ? ' ' : eol + indent + indent;
  const remark = remarks && !oneLine ? ' // a person wrote: "this", {that}' : '';
  const block = remarks ? '/* [ , ] */ ' : '';
  const objects = entries.map((entry) => {
    const pairs = Object.entries(entry).map(([key, item]) => `${JSON.stringify(key)}${colon}${spell(item)}`);
    const body = pairs
      .map((pair, place) => {
        const comma = place < pairs.length - 1 || trailingComma ? ',' : '';
        return `${gap}${block}${pair}${comma}${remark}`;
      })
      .join('');
    return `{${body}${oneLine ? ' ' : eol + indent}}`;
  });
  const list = objects.map((object) => `${eol}${indent}${object}`).join(',');
  const head = remarks ? `// kept by hand${eol}` : '';
  return `${bom ? '\uFEFF' : ''}${head}[${list}${eol}]${finalNewline ? eol : ''}`;
}

/** Numbers as people write them survive only if nobody rewrites them. */
function spell(item: unknown): string {
  return item === '1.50' || item === '1e3' || item === '-0' ? item : JSON.stringify(item);
}
