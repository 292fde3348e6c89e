import { SluiceError } from './errors.ts';

// Invariant 8: everything printed goes through here, and through the redactor of net/redact.ts.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Text with every control, formatting and direction character spelled out (`\x1b`, `\u202e`), so that nothing from
 * outside can move a cursor, ring a bell or turn a line around (invariant 8). Line breaks are spelled out too.
 */
export function visible(text: string): string {
  return text.replace(unsafe, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
    return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
  });
}

/**
 * A value as one line of JSON with nothing in it that must not be shown (invariant 8): each text redacted by itself, so
 * that the line stays JSON whatever the secrets look like, and what a terminal would act on escaped, which JSON itself
 * does not do for C1 controls and direction marks. An error becomes code, message, hint and recovery.
 */
export function safeJson(value: unknown, redact: (text: string) => string): string {
  const json = JSON.stringify(value, (_name, part: unknown) => {
    if (part instanceof Error) return errorAsData(part);
    return typeof part === 'string' ? redact(part) : part;
  });
  return (json ?? 'null').replace(unsafe, (sign) =>
    [...Array(sign.length).keys()]
      .map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function errorAsData(error: Error): unknown {
  const { code, hint, recovery } = error instanceof SluiceError ? error : {};
  return { code, message: error.message, hint, recovery };
}
