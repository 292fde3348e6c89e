import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench, Measurement } from './bench.ts';
import { measureBusyView } from './busy.ts';
import { measureCeiling } from './ceiling.ts';
import type { Figure } from './figure.ts';
import { measureIdle } from './idle.ts';
import { measureMemory } from './memory.ts';
import { startRedisServer } from './redis.ts';
import { json, table } from './report.ts';
import { measureStart } from './start.ts';
import { makeTemplate } from './template.ts';
import { measureWaiting } from './waiting.ts';

const measurements: Readonly<Record<string, Measurement>> = {
  waiting: measureWaiting,
  ceiling: measureCeiling,
  memory: measureMemory,
  start: measureStart,
  idle: measureIdle,
  busy: measureBusyView,
};

const usage = `usage: ./run.sh bench [NAME...] [--quick] [--rounds N] [--json FILE]

  NAME         ${Object.keys(measurements).join(', ')}; all of them by default
  --quick      one round, for trying
  --rounds N   5 by default; the table has the medians
  --json FILE  every sample goes there; without it, below the table
It takes about a quarter of an hour on a machine that does nothing else, and needs Linux and redis-server on PATH.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const unknown = positionals.filter((name) => !Object.hasOwn(measurements, name));
  const rounds = values.quick ? 1 : Number(values.rounds);
  if (values.help || unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    process.stdout.write(usage);
    return values.help ? 0 : 2;
  }
  const chosen = positionals.length > 0 ? positionals : Object.keys(measurements);
  const figures: Figure[] = [];
  await using closing = new AsyncDisposableStack();
  const redis = await startRedisServer();
  closing.defer(() => redis.close());
  const template = await makeTemplate();
  closing.defer(() => template.remove());
  const bench: Bench = { rounds, redis, template, idleSeconds: values.quick ? 5 : 20, say };
  for (const name of chosen) figures.push(...((await measurements[name]?.(bench)) ?? []));
  const report = { machine: machine(), rounds, figures };
  process.stdout.write(`${table(report)}\n`);
  if (values.json === undefined) process.stdout.write(`\n${json(report)}\n`);
  else writeFileSync(values.json, `${json(report)}\n`);
  return 0;
}

function readArguments() {
  const options = {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  return parseArgs({ options, allowPositionals: true });
}

function machine(): Record<string, string | number> {
  const [first] = cpus();
  return {
    processor: first?.model.trim() ?? 'unknown',
    cores: `${cpus().length} cores`,
    system: `Linux ${release()}`,
    node: `Node ${process.version}`,
  };
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
