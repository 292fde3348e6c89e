import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** What became of one test, or of a file or hook outside any test (those only ever `failed`). */
export interface Outcome {
  name: string;
  state: 'passed' | 'failed' | 'skipped' | 'pending';
  /** Why it was skipped, where the test said so with `ctx.skip(reason)`. */
  reason?: string | undefined;
}

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  /** The skips that count as failures, because they need `required`. */
  refused: Outcome[];
  skips: Outcome[];
}

/**
 * Counts a run. A test that never finished failed; so did each error outside a test. With `required` (a program that
 * has to be there and is not) a skip that names it, or gives no reason at all, is a failure.
 */
export function tally(outcomes: readonly Outcome[], errorsOutside: number, required = ''): Totals {
  const skips = outcomes.filter((outcome) => outcome.state === 'skipped');
  const refused = required === '' ? [] : skips.filter(({ reason = required }) => reason.includes(required));
  const passed = outcomes.filter((outcome) => outcome.state === 'passed').length;
  const unfinished = outcomes.length - passed - skips.length;
  return {
    passed,
    failed: unfinished + errorsOutside + refused.length,
    skipped: skips.length - refused.length,
    refused,
    skips,
  };
}

/** The skipped tests in words, by reason; empty when there are none. At most `most` names for each reason. */
export function describeSkips({ skips, refused }: Totals, most = 20): string {
  const lines: string[] = [];
  for (const [reason, group] of Map.groupBy(skips, (skip) => skip.reason ?? 'no reason given')) {
    lines.push(`skipped (${reason}):`);
    for (const { name } of group.slice(0, most)) lines.push(`  ${name}`);
    if (group.length > most) lines.push(`  and ${group.length - most} more`);
  }
  if (refused.length > 0)
    lines.push(`${refused.length} of these may not be skipped here (CI): they count as failed`);
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * The vitest reporter behind the last line of `./run.sh test`: tells the skipped tests, and writes
 * `passed failed skipped` to the file named by SLUICE_TEST_TOTALS. SLUICE_TEST_REQUIRED is `required` of {@link tally}.
 */
export function totalsReporter(
  env: Readonly<Record<string, string | undefined>>,
  print: (text: string) => void,
): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const outcomes = modules.flatMap((module) => outcomesOf(module));
      const totals = tally(outcomes, unhandledErrors.length, env['SLUICE_TEST_REQUIRED']);
      print(describeSkips(totals));
      const file = env['SLUICE_TEST_TOTALS'];
      if (file) writeFileSync(file, `${totals.passed} ${totals.failed} ${totals.skipped}\n`);
    },
  };
}

function outcomesOf(module: TestModule): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const test of module.children.allTests()) {
    const result = test.result();
    const name = `${module.relativeModuleId} > ${test.fullName}`;
    outcomes.push({
      name,
      state: result.state,
      reason: result.state === 'skipped' ? result.note : undefined,
    });
  }
  for (const owner of [module, ...module.children.allSuites()]) {
    for (const error of owner.errors()) {
      outcomes.push({ name: `${module.relativeModuleId}: ${error.message}`, state: 'failed' });
    }
  }
  return outcomes;
}
