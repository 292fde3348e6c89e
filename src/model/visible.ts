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

/** The same for a JSON text, which must stay one: JSON itself leaves C1 controls and direction marks as they are. */
export function visibleJson(json: string): string {
  return json.replace(unsafe, (sign) =>
    [...Array(sign.length).keys()]
      .map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
