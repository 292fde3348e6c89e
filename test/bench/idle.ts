import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { type Bench, rounds } from './bench.ts';
import { type Figure, pick } from './figure.ts';
import { compiledProgram } from './paths.ts';
import { type Folder, goOnce, makeFolder } from './program.ts';
import { startSimulator } from './simulator.ts';
import { nodeBelow, startOn, type Surface, visibleText } from './terminal.ts';
import { type Usage, usageOf } from './usage.ts';

const modes: readonly {
  readonly args: readonly string[];
  readonly surface: Surface;
  readonly name: string;
}[] = [
  { name: '--plain', args: ['--plain'], surface: 'pipe' },
  { name: 'on a terminal', args: [], surface: 'terminal' },
];

/** What `go` costs while there is nothing to do, as a share of one core. */
export async function measureIdle(bench: Bench): Promise<Figure[]> {
  const simulator = await startSimulator({ idle: 1000 });
  const entry = { list_id: 'idle', items_per_request: 100, worker_count: 8 };
  try {
    const figures: Figure[] = [];
    for (const store of ['embedded', 'Redis'] as const) {
      const folder = makeFolder(bench, store, simulator, [entry]);
      try {
        await goOnce(folder, 1);
        for (const { name: mode, args, surface } of modes) {
          const name = `idle, ${mode}, ${store}`;
          const seen = await rounds(bench, name, () => lookAtIdle(folder, args, surface, bench.idleSeconds));
          figures.push(
            {
              name,
              unit: '%',
              samples: pick(seen, 'share'),
              target: { atMost: 1 },
              note: `of one core over ${bench.idleSeconds} s`,
            },
            { name: `${name}: resident`, unit: 'MB', samples: pick(seen, 'residentMb') },
          );
        }
      } finally {
        folder.remove();
      }
    }
    return figures;
  } finally {
    await simulator.close();
  }
}

interface Idle {
  /** Percent of one core. */
  readonly share: number;
  readonly residentMb: number;
}

async function lookAtIdle(
  folder: Folder,
  args: readonly string[],
  surface: Surface,
  seconds: number,
): Promise<Idle> {
  const command = [process.execPath, compiledProgram, 'go', ...args, '--state', folder.path];
  const checksBefore = folder.moments('controller.checked').length;
  const child = startOn(surface, command, { env: folder.env });
  try {
    await until(() => folder.moments('controller.checked').length > checksBefore, {
      what: 'the first check',
    });
    const pid = await nodeBelow(child, compiledProgram);
    await until(() => visibleText(child.stdout()) !== '', { what: 'something to see' });
    await until(() => isQuiet(pid), { every: 0, what: 'half a second of rest', ms: 30_000 });
    const before = cpuOf(pid);
    const began = performance.now();
    // The one wait that is the measurement itself.
    await delay(seconds * 1000);
    const { residentMb } = seenUsage(pid);
    const share = ((cpuOf(pid) - before) / ((performance.now() - began) / 1000)) * 100;
    process.kill(pid, 'SIGTERM');
    await child.ended;
    return { share, residentMb };
  } finally {
    if (!child.hasEnded()) await child.end('SIGKILL');
  }
}

/** Whether what starting up leaves to do (compiling, collecting garbage) is over. */
async function isQuiet(pid: number): Promise<boolean> {
  const before = cpuOf(pid);
  await delay(500);
  return cpuOf(pid) - before <= 0.01;
}

function cpuOf(pid: number): number {
  return seenUsage(pid).cpuSeconds;
}

function seenUsage(pid: number): Usage {
  const usage = usageOf(pid);
  if (!usage) throw new Error('the program ended while it was looked at');
  return usage;
}
