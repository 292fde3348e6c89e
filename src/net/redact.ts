/** Replaces what must not be shown by `***`. */
export type Redact = (text: string) => string;

const mask = '***';

/**
 * A function that hides the given secrets in any text (invariant 8), in the forms in which they get into logs: as they
 * are, inside JSON, percent-encoded, and in base64 at any position (a Basic header encodes the user name with it).
 * Also hides, without knowing them, passwords inside URLs and what follows `Basic` and `Bearer`.
 * Secrets of less than 4 characters are not hidden: they would black out half of every text.
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = new Set(secrets.filter((secret) => secret.length >= 4).flatMap(formsOf));
  // The longest first: where one secret begins with another, the whole of it has to go.
  const byLength = [...forms].toSorted((a, b) => b.length - a.length);
  const known =
    byLength.length === 0
      ? undefined
      : new RegExp(byLength.map((form) => RegExp.escape(form)).join('|'), 'g');
  return (text) => hideKnown(hideHeaders(hidePasswords(hideKnown(text, known))), known);
}

// Hiding one secret can push the ends of another together. Each pass makes the text shorter, so this ends.
function hideKnown(text: string, known: RegExp | undefined): string {
  if (!known) return text;
  let before = text;
  let after = text.replace(known, mask);
  while (after !== before) {
    before = after;
    after = before.replace(known, mask);
  }
  return after;
}

// redis://user:password@host. A password may hold an unencoded "@", so the last one before the path counts.
function hidePasswords(text: string): string {
  return text.replace(/:\/\/([^\s/?#:@"<>]*):([^\s/?#"<>]+)@/g, `://$1:${mask}@`);
}

// "Basic authentication" is English: a token of small letters only is left alone.
function hideHeaders(text: string): string {
  return text.replace(/\b(Basic|Bearer) +([\w+/.~-]{8,}=*)/gi, (whole, scheme: string, token: string) =>
    /[A-Z0-9+/=]/.test(token) ? `${scheme} ${mask}` : whole,
  );
}

function formsOf(secret: string): string[] {
  const wellFormed = secret.toWellFormed();
  const percent = encodeURIComponent(wellFormed);
  const strict = percent.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams([['', wellFormed]]).toString().slice(1);
  const percentForms = [percent, strict, form].flatMap((text) => [
    text,
    text.replace(/%../g, (byte) => byte.toLowerCase()),
  ]);
  return [secret, JSON.stringify(secret).slice(1, -1), ...percentForms, ...base64Forms(wellFormed)];
}

/**
 * Base64 packs three bytes into four characters, so a secret inside a longer text comes out in one of three ways,
 * of which only the characters made of nothing but the secret are certain.
 */
function base64Forms(secret: string): string[] {
  const size = Buffer.byteLength(secret);
  const inside = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]).toString('base64');
    return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + size) * 8) / 6));
  });
  const certain = inside.filter((text) => text.length >= 5);
  const alone = Buffer.from(secret).toString('base64');
  return [alone, ...certain].flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
}
