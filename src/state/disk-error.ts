import { StateError } from '../model/errors.ts';

/**
 * A system error met while writing a file, as a StateError that says what to do. All are worth another try: the result
 * waits in `sluice.db` and is written as soon as the disk allows (S5). But at a start, nothing waits: recovery `config`.
 */
export function diskError(path: string, thrown: unknown, recovery: 'retry' | 'config' = 'retry'): StateError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
  const { what, hint, name } = explain(code);
  return new StateError(`${path} could not be written: ${what} (${code})`, {
    code: `state.${name}`,
    recovery,
    hint,
    cause: thrown,
  });
}

function explain(code: string): { readonly what: string; readonly hint: string; readonly name: string } {
  switch (code) {
    case 'EBUSY':
    case 'EXDEV':
      return {
        name: 'mounted_file',
        what: 'the file itself is a mount point',
        hint: 'Mount the folder, not the file: -v "$PWD/state:/app/state".',
      };
    case 'ENOSPC':
    case 'EDQUOT':
      return { name: 'disk_full', what: 'the disk is full', hint: 'Free some space; it is tried again.' };
    case 'EROFS':
      return {
        name: 'read_only',
        what: 'the file system is read-only',
        hint: 'Mount the state folder writable.',
      };
    case 'EACCES':
    case 'EPERM':
      return {
        name: 'denied',
        what: 'no permission',
        hint: 'Give the user that runs Sluice write permission on the state folder, not only on the file.',
      };
    case 'ENOENT':
    case 'ENOTDIR':
      return {
        name: 'folder_missing',
        what: 'the folder is not there',
        hint: 'Bring the state folder back, or name another one with --state.',
      };
    case 'EIO':
      return {
        name: 'disk_failed',
        what: 'the disk reports an error',
        hint: 'Check the disk; it is tried again.',
      };
    default:
      return {
        name: 'write_failed',
        what: 'the system refused',
        hint: 'It is tried again at the next check.',
      };
  }
}
