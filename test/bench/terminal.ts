import { stripVTControlCharacters } from 'node:util';
import { until } from '../support/until.ts';
import { type Child, type ChildOptions, startChild } from './children.ts';
import { findProcess } from './usage.ts';

/** How a program is started: with its output in a pipe, or on a terminal of 120 columns and 40 rows. */
export type Surface = 'pipe' | 'terminal';

/** Starts a command line on a surface. On a terminal it is a child of script(1), whose output is the terminal's. */
export function startOn(surface: Surface, command: readonly string[], options: ChildOptions): Child {
  const [program = '', ...args] = command;
  if (surface === 'pipe') return startChild(program, args, options);
  const line = `stty cols 120 rows 40; exec ${command.map(quoted).join(' ')}`;
  const env = { ...options.env, TERM: 'xterm-256color', SHELL: '/bin/sh' };
  return startChild('script', ['-qefc', line, '/dev/null'], { ...options, env });
}

/** The pid of the node process that runs `script`, below `child` or itself. */
export async function nodeBelow(child: Child, script: string): Promise<number> {
  return await until(() => findProcess(child.pid, script), {
    what: `a process that runs ${script}`,
    every: 2,
  });
}

/** What is left to see of a terminal's output without its control sequences. */
export function visibleText(output: string): string {
  return stripVTControlCharacters(output).trim();
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
