import * as fc from 'fast-check';

/** What outside data may try on a terminal or on a reader of lines. */
const tricks = fc.constantFrom(
  '\u001B[2J',
  '\u001B]0;title\u0007',
  '\u009B31m',
  '\r',
  '\n',
  '\r\n2026-11-21 10:51:16 INFO |controller| done',
  '\u202E',
  '\u2066',
  '\u2028',
  '\u2029',
  '\u200B',
  '\u0000',
  '\u007F',
  '\uD800',
  '\uDC00x',
  '\\x1b',
  '\\u001b',
  '"',
  '{"type":"controller.stopped"}\n',
);

/** Any text, tricks included. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), tricks), { maxLength: 5 })
  .map((parts) => parts.join(''));

/** What a key or a password may look like. */
export const secret: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 24 }),
  fc.stringMatching(/^[0-9a-f]{32}-us[0-9]{1,2}$/),
  fc.constantFrom('pa"ss\\word', 'with spaces in it', 'schlüssel-ß', 'type', '2026'),
);

/** Everything that moves a cursor, turns a line around or ends a line. */
export const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
