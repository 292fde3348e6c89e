/** UTF-8 bytes as text with its byte order mark, or undefined when they are not UTF-8 and could not be written back unharmed. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
