import { SettingError } from '../model/errors.ts';

/**
 * The address that all requests of a source begin with, without a slash at its end. Throws a SettingError that names
 * the setting and shows `example`.
 * @param expected.ending what the address has to end in
 */
export function baseAddress(
  text: string,
  {
    setting,
    example,
    ending = '',
  }: { readonly setting: string; readonly example: string; readonly ending?: string },
): URL {
  const url = URL.parse(text.trim().replace(/\/+$/, ''));
  const problem = problemOf(url, ending);
  if (url && problem === undefined) return url;
  // The text itself is not shown: whoever puts a key into the address would find it in the log.
  throw new SettingError(`${setting} ${problem}`, `a full base address is expected, such as ${example}`);
}

function problemOf(url: URL | null, ending: string): string | undefined {
  if (!url) return 'is not an address';
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return 'begins with neither https:// nor http://';
  if (url.username !== '' || url.password !== '') return 'holds a user name or a password';
  if (url.search !== '' || url.hash !== '') return 'has something after the path';
  if (!url.pathname.endsWith(ending)) return `does not end in ${ending}`;
  return undefined;
}
