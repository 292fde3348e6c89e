import { safeJson, visible } from '../model/visible.ts';
import { createRedactor } from '../net/redact.ts';
import type { CliContext } from './context.ts';
import { readEnvironment, secretsOf } from './environment.ts';
import { table } from './table.ts';

/**
 * Prints what may come from outside: secrets are hidden, control characters are spelled out (invariant 8).
 * With `--json` everything is one JSON array (S22).
 */
export interface Output {
  /** As a table. */
  table<T>(header: readonly string[], objects: readonly T[], row: (object: T) => readonly string[]): void;
  /** Each on a line, cut after `longest` characters. */
  lines<T>(objects: readonly T[], line: (object: T) => string, longest?: number): void;
}

/** @throws SettingError when `.env`, which may hold secrets, cannot be read */
export function createOutput(context: CliContext, json: boolean): Output {
  const redact = createRedactor(secretsOf(readEnvironment(context)));
  const printJson = (objects: readonly unknown[]): void => context.print(`${safeJson(objects, redact)}\n`);
  return {
    table(header, objects, row) {
      if (json) return printJson(objects);
      context.print(
        table(
          header,
          objects.map((object) => row(object).map(redact)),
        ),
      );
    },
    lines(objects, line, longest = Infinity) {
      if (json) return printJson(objects);
      for (const object of objects) {
        // Redacted before it is cut: half a secret is not recognised.
        const text = redact(line(object));
        context.print(`${visible(text.length > longest ? `${text.slice(0, longest)}...` : text)}\n`);
      }
    },
  };
}
