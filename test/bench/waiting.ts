import { type Bench, rounds } from './bench.ts';
import { countAtFarEnd } from './far-end.ts';
import { type Figure, pick } from './figure.ts';
import { goOnce, makeFolder } from './program.ts';
import { startSimulator } from './simulator.ts';

const members = 50_000;
const latencyMs = 200;
const workers = 8;

/**
 * Waiting efficiency: where every request takes 200 ms, how near a run comes to the time that cannot be undercut, one
 * request for the window and then the pages, `workers` at a time.
 */
export async function measureWaiting(bench: Bench): Promise<Figure[]> {
  const simulator = await startSimulator({ waiting: members }, latencyMs);
  try {
    const figures: Figure[] = [];
    for (const pageSize of [1000, 100]) {
      const optimum = ((Math.ceil(members / pageSize / workers) + 1) * latencyMs) / 1000;
      const name = `waiting, pages of ${pageSize}`;
      const entry = { list_id: 'waiting', items_per_request: pageSize, worker_count: workers };
      const runs = await rounds(bench, name, async () => {
        await bench.redis.empty();
        const folder = makeFolder(bench, 'Redis', simulator, [entry]);
        try {
          const run = await goOnce(folder, 1);
          await countAtFarEnd(folder, members);
          return { ...run, efficiency: optimum / run.dueSeconds };
        } finally {
          folder.remove();
        }
      });
      figures.push(
        {
          name,
          unit: 'ratio',
          samples: pick(runs, 'efficiency'),
          target: { atLeast: 0.97 },
          note: `optimum ${optimum.toFixed(1)} s, from the check that found it due to the write-back`,
        },
        {
          name: `${name}: run.started to run.finished`,
          unit: 's',
          samples: pick(runs, 'runSeconds'),
          note: 'without the request for the window, which comes before run.started',
        },
        { name: `${name}: whole process`, unit: 's', samples: pick(runs, 'wallSeconds') },
      );
    }
    return figures;
  } finally {
    await simulator.close();
  }
}
