import { UsageError } from '../model/errors.ts';

/** @throws UsageError when a command names no entry */
export function requireEntry(name: string | undefined, form: string): string {
  if (name !== undefined && name !== '') return name;
  throw new UsageError(`expected: ${form}`, 'ENTRY is an id as ./run.sh status prints it');
}
