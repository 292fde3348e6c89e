import { commonOptions, type Described, type Options, type Usage } from './usage.ts';

/** The help of one command as text of at most 100 columns, but for a form or an example that is longer. Pure. */
export function describeUsage(usage: Usage): string {
  const { does, forms, words = [], options, values, notes = [], examples, kinds } = usage;
  const own = [...Object.entries(options), ...(kinds === undefined ? Object.entries(commonOptions) : [])];
  const described = own.map(describeOption);
  const all = [...words, ...described, ...(values?.all ?? [])];
  const width = Math.min(longestName, Math.max(...all.map(([name]) => name.length)));
  const rows = (some: readonly Described[]) => some.flatMap((one) => row(one, width));
  const parts = [
    forms.map((form, place) => `${place === 0 ? 'usage: ' : '       '}./run.sh ${form}`),
    wrapped(does, longestLine),
    rows(words),
    rows(described),
    values === undefined ? [] : [`${values.of} is one of:`, ...rows(values.all)],
    notes.flatMap((note) => wrapped(note, longestLine)),
    ['examples:', ...exampleLines(examples)],
  ];
  const filled = parts.filter((part) => part.length > 0);
  return `${filled.map((part) => part.join('\n')).join('\n\n')}\n`;
}

const longestLine = 100;
/** A name that is longer has its meaning on the next line. */
const longestName = 27;

function describeOption([name, option]: [string, Options[string]]): Described {
  if (option.type === 'boolean') {
    return [`${option.short === undefined ? '' : `-${option.short}, `}--${name}`, option.says];
  }
  const more = [
    option.multiple === undefined ? undefined : 'can be repeated',
    typeof option.default === 'string' ? `default ${option.default}` : undefined,
  ].filter((one) => one !== undefined);
  return [`--${name} ${option.value}`, `${option.says}${more.length === 0 ? '' : ` (${more.join(', ')})`}`];
}

function row([name, meaning]: Described, width: number): string[] {
  const indent = ' '.repeat(width + 5);
  const [first = '', ...others] = wrapped(meaning, longestLine - indent.length).map((line) => indent + line);
  if (name.length > width) return [`  ${name}`, first, ...others];
  return [`  ${name}`.padEnd(indent.length) + first.trimStart(), ...others];
}

function exampleLines(examples: readonly Described[]): string[] {
  const width = Math.max(...examples.map(([written]) => written.length));
  return examples.map(([written, meaning]) => `  ./run.sh ${written.padEnd(width)}   ${meaning}`.trimEnd());
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
