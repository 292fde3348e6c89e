import { SettingError } from '../model/errors.ts';
import { baseAddress } from './base-address.ts';

/**
 * The address all requests begin with, ending in `/3.0`: `baseUrl` (MAILCHIMP_URL) when given, else from the data
 * centre that a key names after its last hyphen (apis.md 1.1). Throws a SettingError, which never shows the key.
 * `keyName` is the setting the key came from.
 */
export function mailchimpBase(apiKey: string, baseUrl: string | undefined, keyName: string): URL {
  if (baseUrl !== undefined) {
    const example = 'https://us21.api.mailchimp.com/3.0';
    return baseAddress(baseUrl, { setting: 'MAILCHIMP_URL', example, ending: '/3.0' });
  }
  const centre = /-([a-z]{2,4}\d{1,4})$/.exec(apiKey)?.[1];
  if (centre === undefined) {
    throw new SettingError(
      `${keyName} does not end in a data centre such as "-us21"`,
      `copy the whole key, or set MAILCHIMP_URL to https://<data centre>.api.mailchimp.com/3.0`,
    );
  }
  return new URL(`https://${centre}.api.mailchimp.com/3.0`);
}
