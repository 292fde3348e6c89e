import type { MailchimpSimulator } from '../../src/simulator/mailchimp.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, or undefined when it is none. */
  readonly json: Json;
}

// Test code looks into answers it has just checked by hand; a schema would only repeat them.
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export const key = (password: string): string =>
  `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`;

/** One GET with the simulator's key. */
export async function ask(
  simulator: MailchimpSimulator,
  path: string,
  init: RequestInit = {},
): Promise<Answered> {
  const response = await fetch(`${simulator.url}${path}`, {
    headers: { authorization: key(simulator.apiKey) },
    signal: AbortSignal.timeout(10_000),
    ...init,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

/** The members of one answer, without their links. */
export async function askMembers(
  simulator: MailchimpSimulator,
  query: string,
  listId = 'demo',
): Promise<Json[]> {
  const { json } = await ask(simulator, `/lists/${listId}/members?exclude_fields=members._links&${query}`);
  return json.members;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
