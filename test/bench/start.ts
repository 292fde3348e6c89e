import { join } from 'node:path';
import { until } from '../support/until.ts';
import { type Bench, rounds } from './bench.ts';
import { outputOf } from './children.ts';
import type { Figure } from './figure.ts';
import { checkout, compiledProgram } from './paths.ts';
import { type Folder, goOnce, makeFolder } from './program.ts';
import { startSimulator } from './simulator.ts';
import { nodeBelow, startOn, type Surface, visibleText } from './terminal.ts';

interface Start {
  readonly name: string;
  readonly command: readonly string[];
  readonly surface: Surface;
  readonly most?: number;
}

const runSh = join(checkout, 'run.sh');
const starts: readonly Start[] = [
  { name: 'first line, --plain', command: [runSh, 'go', '--plain'], surface: 'pipe', most: 0.6 },
  { name: 'first frame, on a terminal', command: [runSh, 'go'], surface: 'terminal', most: 0.6 },
  {
    name: 'first line, --plain, without run.sh',
    command: [process.execPath, compiledProgram, 'go', '--plain'],
    surface: 'pipe',
  },
];

/** From calling the command to the first text a person can see, on a folder that was in use before. */
export async function measureStart(bench: Bench): Promise<Figure[]> {
  const simulator = await startSimulator({ start: 1000 });
  const entry = { list_id: 'start', items_per_request: 100, worker_count: 8 };
  const folder = makeFolder(bench, 'embedded', simulator, [entry]);
  try {
    await goOnce(folder, 1);
    const figures: Figure[] = [];
    for (const { name, command, surface, most } of starts) {
      const samples = await rounds(bench, name, () => secondsToFirstText(folder, command, surface));
      figures.push({
        name: `second start to ${name}`,
        unit: 's',
        samples,
        ...(most === undefined ? {} : { target: { atMost: most } }),
      });
    }
    return figures;
  } finally {
    folder.remove();
    await simulator.close();
  }
}

async function secondsToFirstText(
  folder: Folder,
  command: readonly string[],
  surface: Surface,
): Promise<number> {
  const child = startOn(surface, [...command, '--state', folder.path], { env: folder.env });
  try {
    await until(() => child.hasEnded() || visibleText(child.stdout()) !== '', {
      every: 1,
      what: 'the first text',
    });
    const seconds = (performance.now() - child.startedAt) / 1000;
    if (child.hasEnded()) await outputOf(child, command.join(' '));
    if (/installing|compiling/.test(child.stderr() + child.stdout()))
      throw new Error('this start set something up, so it was none to measure: is somebody changing src?');
    process.kill(await nodeBelow(child, compiledProgram), 'SIGTERM');
    await child.ended;
    return seconds;
  } finally {
    if (!child.hasEnded()) await child.end('SIGKILL');
  }
}
