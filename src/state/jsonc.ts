import { createScanner, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { FileProblem } from '../model/events.ts';
import { createProblemAt } from './position.ts';

/** A JSONC text as a tree whose offsets count without the byte order mark, or the first thing wrong with it. */
export type JsoncTree =
  | { readonly ok: true; readonly root: Node; readonly body: string; readonly bom: string }
  | { readonly ok: false; readonly problem: FileProblem };

// The parser calls itself for each level and overflows the stack at a few thousand; nothing of ours has more than 3.
const deepest = 64;
// 5,000 entries are about 1 MB.
const longest = 20_000_000;

/**
 * Reads JSON with comments and trailing commas; a byte order mark and CRLF are accepted. Never throws. A file that is
 * empty, cut off or otherwise unreadable is a problem with its place and what was expected, never an empty value
 * (invariant 5: an editor may be in the middle of saving).
 */
export function readJsonc(text: string, file: string): JsoncTree {
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const body = text.slice(bom.length);
  const problemAt = createProblemAt(file, body);
  const fail = (offset: number, message: string): JsoncTree => ({
    ok: false,
    problem: problemAt(offset, message),
  });

  if (body.trim() === '') return fail(0, 'the file is empty: it may be in the middle of being saved');
  if (body.length > longest)
    return fail(0, `the file is longer than ${longest / 1_000_000} million characters`);
  const deep = tooDeep(body);
  if (deep !== undefined) return fail(deep, `more than ${deepest} brackets inside each other`);

  const errors: ParseError[] = [];
  const root = parseTree(body, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) return fail(first.offset, explain(body, first, errors[1]));
  if (!root) return fail(body.length, 'expected a value: the file holds only comments');
  return { ok: true, root, body, bom };
}

function tooDeep(body: string): number | undefined {
  const scanner = createScanner(body, true);
  let depth = 0;
  let offset = -1;
  for (;;) {
    scanner.scan();
    // The scanner stands still only at the end of the text.
    if (scanner.getTokenOffset() === offset || scanner.getTokenOffset() >= body.length) return undefined;
    offset = scanner.getTokenOffset();
    const character = body[offset];
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    if (depth > deepest) return offset;
  }
}

function explain(body: string, error: ParseError, next: ParseError | undefined): string {
  const found = body.slice(error.offset, error.offset + error.length);
  const atEnd = error.offset >= body.trimEnd().length;
  const where = atEnd ? 'at the end of the file: it is cut off' : `before ${quote(found)}`;
  switch (printParseErrorCode(error.error)) {
    case 'CommaExpected':
      return `expected a comma ${where}`;
    case 'ColonExpected':
      return `expected a colon ${where}`;
    case 'CloseBraceExpected':
      return `expected a closing } ${where}`;
    case 'CloseBracketExpected':
      return `expected a closing ] ${where}`;
    case 'PropertyNameExpected':
      return `expected a field name in double quotes ${where}`;
    case 'ValueExpected':
      return `expected a value ${where}`;
    case 'EndOfFileExpected':
      return `expected nothing more after the closing bracket, found ${quote(found)}`;
    case 'UnexpectedEndOfComment':
      return 'expected the end of this comment: */';
    case 'UnexpectedEndOfString':
      return 'expected a closing double quote on the same line';
    case 'UnexpectedEndOfNumber':
      return 'expected a digit in this number';
    case 'InvalidUnicode':
      return 'expected four hexadecimal digits after \\u';
    case 'InvalidEscapeCharacter':
      return 'expected one of " \\ / b f n r t u after the backslash';
    case 'InvalidCharacter':
      return 'expected no tab or other control character inside text: write \\t';
    default:
      return explainSymbol(found, next);
  }
}

function explainSymbol(found: string, next: ParseError | undefined): string {
  if (/^['“”„‘’`]/.test(found)) return `expected text in straight double quotes ("), found ${quote(found)}`;
  const asName = next !== undefined && printParseErrorCode(next.error) === 'PropertyNameExpected';
  if (asName) return `expected a field name in double quotes, found ${quote(found)}`;
  return `expected a value (text in double quotes, a number, true, false, null, { or [), found ${quote(found)}`;
}

/** Outside text in a message: short and on one line. */
function quote(found: string): string {
  const short = found.length > 30 ? `${found.slice(0, 30)}...` : found;
  return short.replaceAll(/\s+/g, ' ');
}
