const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * Outside text made fit for an error message (invariant 8): every run of control, formatting and direction
 * characters becomes one space, and what exceeds `longest` characters is cut off.
 */
export function printable(text: string, longest = 300): string {
  // Cut first: an outside text can be megabytes long.
  const cleaned = text
    .slice(0, longest * 4)
    .toWellFormed()
    .replaceAll(unprintable, ' ')
    .trim();
  return cleaned.length > longest ? `${cleaned.slice(0, longest).toWellFormed()}...` : cleaned;
}
