import { type Bench, rounds, type Store } from './bench.ts';
import { countAtFarEnd } from './far-end.ts';
import type { Figure } from './figure.ts';
import { goOnce, makeFolder } from './program.ts';
import { type Simulator, startSimulator } from './simulator.ts';

const sizes = [10_000, 200_000] as const;
const stores = [
  { name: 'Redis', mostMb: 150 },
  { name: 'embedded', mostMb: 350 },
] as const satisfies readonly { readonly name: Store; readonly mostMb: number }[];

/** Page sizes: what an entry has by default, and the greatest. */
const pageSizes = [100, 1000] as const;

/** The most memory the whole process ever had resident: it must not grow with the list. */
export async function measureMemory(bench: Bench): Promise<Figure[]> {
  const simulators = [
    await startSimulator({ members: sizes[0] }),
    await startSimulator({ members: sizes[1] }),
  ];
  try {
    const figures: Figure[] = [
      {
        name: 'memory, embedded, the start that makes the queue',
        unit: 'MB',
        samples: [bench.template.peakMb],
        note: 'once in the life of a state folder',
      },
    ];
    for (const { name: store, mostMb } of stores) {
      for (const pageSize of pageSizes) {
        const peaks: number[][] = [];
        for (const [index, simulator] of simulators.entries()) {
          const size = sizes[index] ?? 0;
          const name = `memory, ${store}, ${size.toLocaleString('en')} members, pages of ${pageSize}`;
          const samples = await rounds(bench, name, () => peakOf(bench, simulator, store, pageSize, size));
          peaks.push(samples);
          figures.push({ name, unit: 'MB', samples, target: { atMost: mostMb }, note: 'greatest VmHWM' });
        }
        const [few = [], many = []] = peaks;
        figures.push({
          name: `memory, ${store}, pages of ${pageSize}: 200,000 / 10,000 members`,
          unit: 'ratio',
          samples: many.map((peak, round) => peak / (few[round] ?? Number.NaN)),
        });
      }
    }
    return figures;
  } finally {
    await Promise.all(simulators.map((simulator) => simulator.close()));
  }
}

async function peakOf(
  bench: Bench,
  simulator: Simulator,
  store: Store,
  pageSize: number,
  members: number,
): Promise<number> {
  await bench.redis.empty();
  const entry = { list_id: 'members', items_per_request: pageSize, worker_count: 8 };
  const folder = makeFolder(bench, store, simulator, [entry]);
  try {
    const { usage } = await goOnce(folder, 1, { lookEveryMs: 20 });
    await countAtFarEnd(folder, members);
    return usage.peakMb;
  } finally {
    folder.remove();
  }
}
