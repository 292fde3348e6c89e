import { spawn } from 'node:child_process';

/**
 * Opens a file in `$VISUAL`, `$EDITOR` or `vi`, which may have arguments of their own (`code --wait`), and waits until it
 * is closed. The terminal must have been handed over before.
 * @throws Error when there is no such editor or it ends with an error
 */
export async function runEditor(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const command = env['VISUAL'] || env['EDITOR'] || 'vi';
  const child = spawn('/bin/sh', ['-c', `${command} "$1"`, 'sh', path], { stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code === 127) throw new Error(`there is no editor "${command}": set $EDITOR`);
  if (code !== 0) throw new Error(`the editor "${command}" ended with code ${code ?? 'none'}`);
}
