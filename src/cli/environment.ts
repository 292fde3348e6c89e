import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingError } from '../model/errors.ts';
import { type Environment, withEnvFile } from '../state/env-file.ts';
import type { CliContext } from './context.ts';

/** The environment with `.env` beside the program; the real environment wins (S21). @throws SettingError when `.env` cannot be read */
export function readEnvironment({ env, root }: Pick<CliContext, 'env' | 'root'>): Environment {
  return withEnvFile(readOptional(join(root, '.env')), env);
}

/** Every value that must not be shown: keys, tokens, passwords, also those inside URLs; not where a key's file is (invariant 8). */
export function secretsOf(env: Environment): string[] {
  const named = Object.entries(env)
    .filter(([name]) => /KEY|TOKEN|PASS|SECRET|CREDENTIAL/i.test(name) && !/_PATH$/i.test(name))
    .map(([, value]) => value ?? '');
  const inUrls = Object.values(env).flatMap((value) => (value === undefined ? [] : passwordsIn(value)));
  const all = [...named, ...inUrls];
  return [...new Set([...all, ...all.map((secret) => secret.trim())])].filter(({ length }) => length >= 4);
}

/** As the URL has it and as it is meant; also where a sign that should be escaped makes it another URL, or none. */
function passwordsIn(value: string): string[] {
  const parsed = URL.canParse(value) ? new URL(value).password : '';
  const written = /^\s*[a-z][\w+.-]*:\/\/[^/:]*:([^/]+)@/i.exec(value)?.[1] ?? '';
  return [parsed, written].flatMap((password) => [password, decode(password)]);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new SettingError(`${path} cannot be read`, 'check who owns it', error);
  }
}
