import { type Figure, median, reached, type Target } from './figure.ts';

export interface Report {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly rounds: number;
  readonly figures: readonly Figure[];
}

/** The figures as a Markdown table, fit for the README. */
export function table({ machine, rounds, figures }: Report): string {
  const rows = figures.map((figure) => [
    figure.name,
    amount(median(figure.samples), figure.unit),
    figure.target === undefined ? '' : targetText(figure.target, figure.unit),
    verdicts[String(reached(figure))],
    figure.samples.length < 2 ? '' : spread(figure),
    figure.note ?? '',
  ]);
  const all = [['figure', 'median', 'target', '', 'least to most', 'note'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly (string | undefined)[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...body] = all;
  return [
    `${Object.values(machine).join(', ')}; ${rounds === 1 ? 'one round' : `${rounds} rounds`}`,
    '',
    line(head),
    line(widths.map((width) => '-'.repeat(width))),
    ...body.map(line),
  ].join('\n');
}

/** The same with every sample. */
export function json({ machine, rounds, figures }: Report): string {
  const whole = figures.map((figure) => ({
    ...figure,
    median: median(figure.samples),
    reached: reached(figure),
  }));
  return JSON.stringify({ machine, rounds, figures: whole });
}

const verdicts: Readonly<Record<string, string>> = { true: 'reached', false: 'MISSED', undefined: '' };

function targetText(target: Target, unit: Figure['unit']): string {
  return 'atLeast' in target ? `>= ${amount(target.atLeast, unit)}` : `<= ${amount(target.atMost, unit)}`;
}

function spread({ samples, unit }: Figure): string {
  return `${amount(Math.min(...samples), unit)} to ${amount(Math.max(...samples), unit)}`;
}

function amount(value: number, unit: Figure['unit']): string {
  switch (unit) {
    case 'ratio':
      return value.toFixed(3);
    case 's':
      return `${value.toFixed(value < 10 ? 2 : 1)} s`;
    case 'MB':
      return `${value.toFixed(0)} MB`;
    case '%':
      return `${value.toFixed(value < 10 ? 2 : 0)} %`;
    case 'a second':
      return `${Math.round(value).toLocaleString('en')}/s`;
    default:
      return unit satisfies never;
  }
}
