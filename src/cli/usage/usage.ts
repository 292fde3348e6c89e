/**
 * How a command is called. The options are what its arguments are read by, so that help and command cannot differ; these
 * files import nothing that opens anything, so that help is quick and needs nothing.
 */
export interface Usage {
  /** What it does, in a line or two. */
  readonly does: string;
  /** How it is written, without `./run.sh`. */
  readonly forms: readonly string[];
  /** What the words of the forms mean. */
  readonly words?: readonly Described[];
  readonly options: Options;
  /** What can be written in the place of a value. */
  readonly values?: { readonly of: string; readonly all: readonly Described[] };
  /** What else has to be known, a paragraph each. */
  readonly notes?: readonly string[];
  readonly examples: readonly Described[];
  /** Where the first word decides: what each of them takes. */
  readonly kinds?: Readonly<Record<string, Usage>>;
}

/** Something that is written, and what it means. */
export type Described = readonly [written: string, meaning: string];

/** By their names without dashes, in the order of the help; `node:util` reads them and skips what is for the help. */
export type Options = Readonly<Record<string, Option>>;

type Option = Flag | Value;

interface Flag {
  readonly type: 'boolean';
  readonly short?: string;
  readonly default: false;
  readonly says: string;
}

interface Value {
  readonly type: 'string';
  /** What the help calls its value: `N`, `FILE`. */
  readonly value: string;
  readonly multiple?: true;
  readonly default?: string | string[];
  /** What it is for, with the unit and the bounds of its value. The default is added. */
  readonly says: string;
}

/** Options that every command takes (S22). */
export const commonOptions = {
  state: {
    type: 'string',
    value: 'DIR',
    says: 'another state folder than state/, where the command has one; SLUICE_STATE does the same',
  },
  json: { type: 'boolean', default: false, says: 'JSON instead of text, for programs' },
  plain: { type: 'boolean', default: false, says: 'lines instead of a screen, where the command has one' },
} as const satisfies Options;
