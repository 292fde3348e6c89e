/**
 * The first sign of a JSON text that Postgres does not store, as it is written there, or undefined: U+0000 and halves of
 * surrogate pairs (PostgreSQL, 8.14 "JSON Types"). JSON.stringify writes exactly these as \u escapes of four digits.
 */
export function unstorableSign(json: string): string | undefined {
  return /(?<!\\)(?:\\\\)*(\\u(?:0000|d[89a-f][0-9a-f]{2}))/.exec(json)?.[1];
}
