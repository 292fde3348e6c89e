/** A label as it stands in a table: `PERSON` for `service "PERSON"`, `list 1a2d` for `list "1a2d"`. */
export function shortLabel(label: string): string {
  return label.replace(/^service (?=")/, '').replaceAll('"', '');
}

/** What a reason says beyond the key, which stands beside it: consumers begin with what they were given. */
export function shortReason(reason: string, key: string | null): string {
  // Of a key that has several parts some consumers name the first.
  const [, first] = /^\["([^"]+)"/.exec(key ?? '') ?? [];
  for (const part of [key, first]) {
    const at = part ? reason.indexOf(part) : -1;
    const rest = reason.slice(at + (part?.length ?? 0)).replace(/^["'\])]*[:,;]?\s*/, '');
    if (at >= 0 && rest !== '') return rest;
  }
  return reason;
}
