import { SettingError } from '../model/errors.ts';

/**
 * The address all requests begin with, ending in `/3.0`: `baseUrl` (MAILCHIMP_URL) when given, else from the data
 * centre that a key names after its last hyphen (apis.md 1.1). Throws a SettingError, which never shows the key.
 * `keyName` is the setting the key came from.
 */
export function mailchimpBase(apiKey: string, baseUrl: string | undefined, keyName: string): URL {
  if (baseUrl !== undefined) return givenBase(baseUrl);
  const centre = /-([a-z]{2,4}\d{1,4})$/.exec(apiKey)?.[1];
  if (centre === undefined) {
    throw new SettingError(
      `${keyName} does not end in a data centre such as "-us21"`,
      `copy the whole key, or set MAILCHIMP_URL to https://<data centre>.api.mailchimp.com/3.0`,
    );
  }
  return new URL(`https://${centre}.api.mailchimp.com/3.0`);
}

// The text itself is not shown: whoever puts a key into the address would find it in the log.
function givenBase(text: string): URL {
  const url = URL.parse(text.trim().replace(/\/+$/, ''));
  const problem = baseProblem(url);
  if (url && problem === undefined) return url;
  throw new SettingError(
    `MAILCHIMP_URL ${problem}`,
    'a full base address is expected, such as https://us21.api.mailchimp.com/3.0',
  );
}

function baseProblem(url: URL | null): string | undefined {
  if (!url) return 'is not an address';
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return 'begins with neither https:// nor http://';
  if (url.username !== '' || url.password !== '') return 'holds a user name or a password';
  if (url.search !== '' || url.hash !== '') return 'has something after the path';
  if (!url.pathname.endsWith('/3.0')) return 'does not end in /3.0';
  return undefined;
}
