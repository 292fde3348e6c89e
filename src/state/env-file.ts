import { parseEnv } from 'node:util';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment with what a `.env` file adds to it: the real environment wins (S21). Read by node, never sourced. */
export function withEnvFile(text: string, environment: Environment): Environment {
  return { ...parseEnv(text.replace(/^\uFEFF/, '')), ...environment };
}
