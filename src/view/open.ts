import { relative } from 'node:path';
import type { Clock } from '../model/clock.ts';
import { asSluiceError } from '../model/errors.ts';
import type { SluiceEvent } from '../model/events.ts';
import type { Views } from '../model/views.ts';
import { createLogFile } from './log-file.ts';
import { createNdjsonView } from './ndjson.ts';
import { createOutlet } from './outlet.ts';
import { createPlainView, type View } from './plain.ts';
import { createSnapshotStore } from './snapshot.ts';
import { summarize } from './summary.ts';

/** A full screen, one line an event, or one JSON object an event. */
export type ViewKind = 'screen' | 'plain' | 'json';

export interface ViewsOptions {
  readonly kind: ViewKind;
  /** Signs of ASCII only, on a screen. */
  readonly ascii: boolean;
  /** The folder of the log files. */
  readonly logs: string;
  /** The folder that paths are shown from. */
  readonly here: string;
  readonly redact: (text: string) => string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls `restore` when the process ends, however it does. @returns takes it back */
  readonly onExit: (restore: () => void) => () => void;
  /** A quit by a key before there is a controller. */
  readonly onEarlyQuit: (by: string) => void;
  /** Says on standard error what the view itself cannot. */
  readonly complain: (message: string) => void;
}

/** The log file and one view, fed by the same events. */
export async function openViews(options: ViewsOptions): Promise<Views> {
  const { kind, logs, here, redact, stdout, clock, complain } = options;
  const snapshots = createSnapshotStore();
  const log = createLogFile({ folder: logs, redact, onProblem: complain });
  const { write } = createOutlet({
    stream: stdout,
    onLeftOut(texts) {
      const message = `${texts} lines were left out here: the reader was too slow for them; the log has all but single pages`;
      show({ at: clock.now(), type: 'notice', level: 'warn', topic: 'view', message });
    },
  });
  const plain = createPlainView({ write, redact, snapshots });
  let view: View = kind === 'json' ? createNdjsonView({ write, redact }) : plain;
  const show = (event: SluiceEvent): void => {
    snapshots.apply(event);
    view.show(event);
    log.show(event);
  };
  // Loaded only where it is drawn: it takes as long as everything else together.
  const { openScreen } = kind === 'screen' ? await import('./tui/open.ts') : {};
  const screen = openScreen?.({
    ...options,
    onFatal(error) {
      view = plain;
      complain(`the screen broke, lines go on: ${asSluiceError(error).message}`);
    },
  });
  if (screen) view = screen;

  return {
    show,
    attach: (operator) => screen?.attach(operator),
    isLent: () => screen?.isLent() ?? false,
    async close() {
      await screen?.close();
      const now = clock.now();
      if (kind !== 'json') write(summarize(snapshots.get(), now, shorter(log.path(now), here), redact));
    },
  };
}

/** A path as one would type it from `here`. */
function shorter(path: string, here: string): string {
  const short = relative(here, path);
  return short.startsWith('..') ? path : short;
}
