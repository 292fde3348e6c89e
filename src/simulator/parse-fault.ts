import { SettingError } from '../model/errors.ts';
import { requestKinds, type Fault, type FaultEffect, type RetryAfter } from './fault.ts';

/** One line for each form of a fault, for help texts. */
export const faultForms = [
  [
    '429:0.05',
    'status 400..599 for 5 in 100 requests, with a problem document; without a number: for every one',
  ],
  [
    '429:0.05:retry-after=2',
    'the same with Retry-After in seconds; retry-after=date or date+5 for the date form',
  ],
  ['403:0.01:empty', 'a status without a body'],
  [
    'truncate:0.01',
    'half the body, then the connection breaks; with :framed the Content-Length fits the half',
  ],
  ['stall:0.01', 'half the body, then nothing'],
  ['reset:0.01', 'the connection is reset before the answer'],
  ['hang:0.01', 'no answer'],
  ['slow:0.05:ms=3000', 'the answer comes 3 s late'],
  ['html:0.01', '200 with an HTML page'],
  [
    '500:1:times=3',
    'only three times; :once for one; :skip=9 lets nine pass first; :on=KIND only for that kind of request',
  ],
] as const;

/** Reads a fault of the simulated Mailchimp, as {@link faultParser} says. */
export const parseFault = faultParser(requestKinds);

/**
 * Reads faults in the form `EFFECT[:PROBABILITY][:OPTION...]` (see {@link faultForms}); `kinds` are what `on=` may name.
 * What it returns throws a SettingError that says what was expected.
 */
export function faultParser<Kind extends string>(kinds: readonly Kind[]): (text: string) => Fault<Kind> {
  return (text) => parse(text, kinds);
}

function parse<Kind extends string>(text: string, kinds: readonly Kind[]): Fault<Kind> {
  const [kind = '', ...parts] = text.trim().split(':');
  const [first] = parts;
  const hasProbability = first !== undefined && /^[\d.]+$/.test(first);
  const probability = hasProbability ? Number(first) : 1;
  if (!(probability >= 0 && probability <= 1))
    throw unusable(text, `a probability from 0 to 1, not "${first}"`);

  const options = new Map<string, string>();
  for (const part of hasProbability ? parts.slice(1) : parts) {
    const [name = '', value = ''] = part.split(/=(.*)/s);
    options.set(name, value);
  }
  const take = (name: string): string | undefined => {
    const value = options.get(name);
    options.delete(name);
    return value;
  };
  const takeFlag = (name: string): boolean => {
    const value = take(name);
    if (value) throw unusable(text, `"${name}" without a value`);
    return value !== undefined;
  };
  const takeCount = (name: string): number | undefined => {
    const value = take(name);
    if (value !== undefined && !/^\d{1,9}$/.test(value))
      throw unusable(text, `a whole number after "${name}="`);
    return value === undefined ? undefined : Number(value);
  };

  const effect = parseEffect();
  const once = takeFlag('once');
  const times = takeCount('times') ?? (once ? 1 : Infinity);
  const skip = takeCount('skip') ?? 0;
  const place = take('on');
  const on = kinds.find((one) => one === place);
  if (place !== undefined && !on) throw unusable(text, `"on=" with one of ${kinds.join(', ')}`);
  const [left] = options.keys();
  if (left !== undefined) throw unusable(text, `no "${left}" here`);
  return { name: text.trim(), effect, probability, times, skip, on };

  function parseEffect(): FaultEffect {
    switch (kind) {
      case 'truncate':
        return { type: kind, framed: takeFlag('framed') };
      case 'slow':
        return { type: kind, ms: takeCount('ms') ?? 3000 };
      case 'stall':
      case 'reset':
      case 'hang':
      case 'html':
        return { type: kind };
      default:
        if (!/^[45]\d\d$/.test(kind)) {
          const words = 'truncate, stall, reset, hang, slow, html';
          throw unusable(text, `a status from 400 to 599 or one of ${words} at its beginning`);
        }
        return {
          type: 'status',
          status: Number(kind),
          empty: takeFlag('empty'),
          retryAfter: parseRetryAfter(),
        };
    }
  }

  function parseRetryAfter(): RetryAfter | undefined {
    const value = take('retry-after');
    if (value === undefined) return undefined;
    const match = /^(?:(\d{1,6})|date(?:\+(\d{1,6}))?)$/.exec(value);
    if (!match) throw unusable(text, '"retry-after=" with seconds, "date" or "date+SECONDS"');
    const [, seconds, ahead = '2'] = match;
    return seconds === undefined
      ? { form: 'date', seconds: Number(ahead) }
      : { form: 'seconds', seconds: Number(seconds) };
  }
}

function unusable(text: string, expected: string): SettingError {
  const forms = faultForms.map(([form]) => form).join('  ');
  return new SettingError(`fault "${text}" cannot be used: expected ${expected}`, `Forms: ${forms}`);
}
