import { type Bench, rounds } from './bench.ts';
import type { Figure } from './figure.ts';
import { goOnce, makeFolder } from './program.ts';
import { startSimulator } from './simulator.ts';
import type { Surface } from './terminal.ts';

const members = 50_000;

/** What the screen costs while much happens: the CPU time of a run with it, less that of the same run without it. */
export async function measureBusyView(bench: Bench): Promise<Figure[]> {
  const simulator = await startSimulator({ busy: members }, 200);
  const entry = { list_id: 'busy', items_per_request: 100, worker_count: 8 };
  const run = async (surface: Surface): Promise<{ cpu: number; seconds: number }> => {
    await bench.redis.empty();
    const folder = makeFolder(bench, 'Redis', simulator, [entry]);
    try {
      const { usage, runSeconds } = await goOnce(folder, 1, { surface });
      return { cpu: usage.cpuSeconds, seconds: runSeconds };
    } finally {
      folder.remove();
    }
  };
  try {
    const samples = await rounds(bench, 'busy view', async () => {
      const plain = await run('pipe');
      const shown = await run('terminal');
      return ((shown.cpu - plain.cpu) / shown.seconds) * 100;
    });
    return [
      {
        name: 'busy view, on a terminal',
        unit: '%',
        samples,
        target: { atMost: 10 },
        note: 'of one core, beyond what the same run takes with --plain; 40 pages a second',
      },
    ];
  } finally {
    await simulator.close();
  }
}
