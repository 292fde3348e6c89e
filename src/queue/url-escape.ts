import { SettingError } from '../model/errors.ts';

/** A part of a URL as it was meant; undefined when it is empty. Throws a SettingError that does not hold the part. */
export function unescapePart(part: string, variable: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SettingError(
      `${variable} has a % in its user name, password or path that is no escape`,
      'Write a % as %25.',
    );
  }
}
