import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingError } from '../model/errors.ts';
import { type Environment, withEnvFile } from '../state/env-file.ts';
import type { CliContext } from './context.ts';

/** The environment with `.env` beside the program; the real environment wins (S21). @throws SettingError when `.env` cannot be read */
export function readEnvironment({ env, root }: CliContext): Environment {
  return withEnvFile(readOptional(join(root, '.env')), env);
}

/** Every value that must not be shown: keys, tokens, passwords, also those inside URLs (invariant 8). */
export function secretsOf(env: Environment): string[] {
  const named = Object.entries(env)
    .filter(([name]) => /KEY|TOKEN|PASSWORD|SECRET/i.test(name))
    .map(([, value]) => value ?? '');
  const inUrls = Object.values(env).flatMap((value) => {
    if (value === undefined || !URL.canParse(value)) return [];
    const { password } = new URL(value);
    return password === '' ? [] : [password, decode(password)];
  });
  return [...new Set([...named, ...inUrls])].filter((secret) => secret.trim().length >= 4);
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
