/** Every sign that is not plain text, so that a terminal without them gets others. Each takes one cell. */
export interface Glyphs {
  readonly running: string;
  readonly ok: string;
  readonly due: string;
  readonly late: string;
  readonly failed: string;
  readonly paused: string;
  readonly pointer: string;
  readonly rising: string;
  readonly falling: string;
  readonly enter: string;
  readonly rule: string;
  readonly more: string;
  readonly none: string;
  readonly arrow: string;
  readonly cursor: string;
  readonly barFull: string;
  readonly barEmpty: string;
  /** From nothing to the most. */
  readonly spark: readonly string[];
  readonly pages: {
    readonly confirmed: string;
    readonly published: string;
    readonly reading: string;
    readonly ahead: string;
  };
}

export const unicodeGlyphs: Glyphs = {
  running: '▶',
  ok: '✓',
  due: '○',
  late: '!',
  failed: '✗',
  paused: '‖',
  pointer: '▸',
  rising: '↑',
  falling: '↓',
  enter: '↵',
  rule: '─',
  more: '…',
  none: '—',
  arrow: '→',
  cursor: '▏',
  barFull: '█',
  barEmpty: '░',
  spark: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  pages: { confirmed: '■', published: '□', reading: '▪', ahead: '·' },
};

/** For `TERM=dumb`, `--ascii` and fonts without the others. */
export const asciiGlyphs: Glyphs = {
  running: '>',
  ok: '+',
  due: 'o',
  late: '!',
  failed: 'x',
  paused: '=',
  pointer: '>',
  rising: '^',
  falling: 'v',
  enter: 'enter',
  rule: '-',
  more: '~',
  none: '-',
  arrow: '->',
  cursor: '_',
  barFull: '#',
  barEmpty: '.',
  spark: [' ', '.', ':', '-', '=', '+', '*', '#', '@'],
  pages: { confirmed: '#', published: 'o', reading: '*', ahead: '.' },
};
