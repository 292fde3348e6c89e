import { SettingError, UsageError } from '../model/errors.ts';
import { readAssignment } from '../state/field-values.ts';
import { readArguments } from './arguments.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { requireEntry } from './require-entry.ts';
import { setUsage } from './usage/writes.ts';

const form = 'set ENTRY field=value ...';
/** There are fewer fields. */
const mostWords = 100;

/** `set ENTRY field=value ...`: writes fields of an entry, all of them or none. */
export async function set(context: CliContext): Promise<number> {
  const { values, positionals } = readArguments(context, setUsage.options, mostWords);
  const [name, ...assignments] = positionals;
  const id = requireEntry(name, form);
  if (assignments.length === 0) throw new UsageError(`expected: ${form}`, 'worker_count=8, for example');
  const pairs = assignments.map(readAssignment);
  const twice = pairs.find(([field], place) => pairs.slice(0, place).some(([other]) => other === field));
  if (twice) throw new SettingError(`"${twice[0]}" is given twice`, 'nothing was written');
  return await carryOut(context, { type: 'set', id, fields: Object.fromEntries(pairs) }, values);
}
