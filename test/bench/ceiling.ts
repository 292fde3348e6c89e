import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Bench, rounds, type Store } from './bench.ts';
import { outputOf, startChild } from './children.ts';
import { countAtFarEnd } from './far-end.ts';
import { type Figure, pick } from './figure.ts';
import { type Folder, goOnce, makeFolder } from './program.ts';
import { type Simulator, startSimulator } from './simulator.ts';
import { usageOf, watchUsage } from './usage.ts';

// Two lists, because the simulator keeps the texts of 65,536 members of a list: with 100,000 in one it would be busy
// making texts.
const lists = { 'ceiling-a': 50_000, 'ceiling-b': 50_000 };
const members = 100_000;
const pageSize = 1000;
/** Of each list; both together stay below the account's limit of 10 connections. */
const workers = 4;

interface Measured {
  readonly seconds: number;
  /** Of the whole process, its start too. */
  readonly cpuSeconds: number;
}

interface Timed extends Measured {
  readonly jobs: number;
}

interface Pair {
  readonly ours: Timed;
  readonly bare: Timed;
  readonly simulatorShare: number;
  readonly redisShare: number;
}

/** The ceiling: with no latency at all, what the program costs beside a loop that does only what cannot be left out. */
export async function measureCeiling(bench: Bench): Promise<Figure[]> {
  const simulator = await startSimulator(lists);
  try {
    return [
      ...(await measureOn(bench, simulator, 'Redis', 'bare-redis.ts')),
      ...(await measureOn(bench, simulator, 'embedded', 'bare-embedded.ts')),
    ];
  } finally {
    await simulator.close();
  }
}

async function measureOn(
  bench: Bench,
  simulator: Simulator,
  store: Store,
  bareLoop: string,
): Promise<Figure[]> {
  const name = `ceiling, ${store}`;
  const timed = async (work: (folder: Folder) => Promise<Measured>): Promise<Timed> => {
    await bench.redis.empty();
    const folder = makeFolder(bench, store, simulator, entries);
    try {
      const measured = await work(folder);
      return { ...measured, jobs: await countAtFarEnd(folder, members) };
    } finally {
      folder.remove();
    }
  };
  const ours = async (): Promise<Timed & Pick<Pair, 'simulatorShare' | 'redisShare'>> => {
    const shares = { simulatorShare: 0, redisShare: 0 };
    const result = await timed(async (folder) => {
      const shareOfSimulator = watchShare(simulator.pid);
      const shareOfRedis = watchShare(bench.redis.pid);
      const { runSeconds, usage } = await goOnce(folder, entries.length);
      shares.simulatorShare = shareOfSimulator(runSeconds);
      shares.redisShare = shareOfRedis(runSeconds);
      return { seconds: runSeconds, cpuSeconds: usage.cpuSeconds };
    });
    return { ...result, ...shares };
  };
  const bare = (): Promise<Timed> => timed((folder) => runBare(bareLoop, folder, simulator));

  const pairs = await rounds(bench, name, async (round): Promise<Pair> => {
    // They take turns in going first, so that neither always meets the warmer machine.
    const first = round % 2 === 0 ? await bare() : undefined;
    const { simulatorShare, redisShare, ...program } = await ours();
    const loop = first ?? (await bare());
    if (loop.jobs !== program.jobs)
      throw new Error(`${program.jobs} jobs of ours are compared with ${loop.jobs}`);
    return { ours: program, bare: loop, simulatorShare, redisShare };
  });
  const share = { unit: '%', note: 'of one core during our run' } as const;
  return [
    {
      name,
      unit: 'ratio',
      samples: pairs.map((pair) => pair.bare.seconds / pair.ours.seconds),
      target: { atLeast: 0.85 },
      note: `bare loop / ours; ${members} members of ${simulator.memberBytes} bytes in ${pairs[0]?.ours.jobs ?? 0} jobs`,
    },
    {
      name: `${name}: ours`,
      unit: 'a second',
      samples: pairs.map((pair) => members / pair.ours.seconds),
    },
    {
      name: `${name}: bare loop`,
      unit: 'a second',
      samples: pairs.map((pair) => members / pair.bare.seconds),
    },
    {
      name: `${name}: CPU time`,
      unit: 'ratio',
      samples: pairs.map((pair) => pair.bare.cpuSeconds / pair.ours.cpuSeconds),
      note: 'bare loop / ours, whole processes',
    },
    { name: `${name}: the simulator`, samples: pick(pairs, 'simulatorShare'), ...share },
    ...(store === 'embedded'
      ? []
      : [{ name: `${name}: redis-server`, samples: pick(pairs, 'redisShare'), ...share }]),
  ];
}

const entries = Object.keys(lists).map((list_id) => ({
  list_id,
  items_per_request: pageSize,
  worker_count: workers,
}));

async function runBare(script: string, folder: Folder, { url, apiKey }: Simulator): Promise<Measured> {
  const order = {
    url,
    apiKey,
    lists: Object.keys(lists),
    pageSize,
    workers,
    queue: folder.queue,
    folder: folder.path,
  };
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = startChild(process.execPath, [path, JSON.stringify(order)]);
  const watch = watchUsage(child.pid, 100);
  const { seconds } = z.object({ seconds: z.number() }).parse(JSON.parse(await outputOf(child, script)));
  return { seconds, cpuSeconds: watch.last().cpuSeconds };
}

/** CPU time from now on, as a percentage of `seconds` of one core. */
function watchShare(pid: number): (seconds: number) => number {
  const before = usageOf(pid)?.cpuSeconds ?? 0;
  return (seconds) => (((usageOf(pid)?.cpuSeconds ?? 0) - before) / seconds) * 100;
}
