import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventBody } from '../../src/model/events.ts';
import type { SisOptions } from '../../src/simulator/sis/options.ts';
import { type GoInProcess, type InProcess, openInProcess } from './in-process.ts';
import type { TestPostgres } from './postgres.ts';
import { openSisuWorld, type SisuWorld } from './sisu-world.ts';
import { until } from './until.ts';

/** The program in this process with a simulated SISU, and what a test wants to know of what it said. */
export interface SisuInside extends SisuWorld, InProcess {
  /** The settings of the folder; an empty object takes them back. */
  writeSettings(settings: object): void;
  /** The events of a kind about one service, or about all. */
  said<Type extends EventBody['type']>(
    type: Type,
    service?: string,
  ): readonly Extract<EventBody, { type: Type }>[];
  /** Runs `go` without `--once` around some work, and quits. */
  during(work: () => Promise<void>, options?: GoInProcess): Promise<void>;
}

export interface SisuInsideOptions {
  readonly queue: string;
  readonly postgres: TestPostgres;
  readonly sis: SisOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the controller consumes; true unless said otherwise. */
  readonly consume?: boolean;
}

/** Closed when the test is over. */
export async function openSisuInside({ consume = true, ...options }: SisuInsideOptions): Promise<SisuInside> {
  const world = await openSisuWorld({
    ...options,
    sis: { shortPages: 0, emptyPages: 0, ...options.sis },
    env: { SLUICE_DRAIN_SECONDS: '1', ...options.env },
  });
  onTestFinished(() => world.close());
  const inside = openInProcess(world.folder, world.env);
  const writeSettings = (settings: object): void =>
    writeFileSync(join(world.folder, 'settings.json'), JSON.stringify(settings));
  if (consume) writeSettings({ consume: 'importer-queue' });

  return {
    ...world,
    ...inside,
    writeSettings,
    said: (type, service) =>
      inside.events
        .filter((event) => isOf(event, type))
        .filter(
          (event) =>
            service === undefined || ('entry' in event && event.entry.label === `service "${service}"`),
        ),
    async during(work, goOptions) {
      const running = inside.go(goOptions);
      try {
        await until(() => inside.operator());
        await work();
      } finally {
        inside.signal('SIGTERM');
        await running;
      }
    },
  };
}

function isOf<Type extends EventBody['type']>(
  event: EventBody,
  type: Type,
): event is Extract<EventBody, { type: Type }> {
  return event.type === type;
}
