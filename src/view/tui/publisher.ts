import type { Clock } from '../../model/clock.ts';

export interface PublisherOptions {
  readonly clock: Clock;
  /** Draws what there is now. */
  readonly draw: () => void;
  /** Whether the terminal is behind: nothing is drawn until it has caught up (invariant 7). */
  readonly isBackedUp: () => boolean;
  /** What of the frame depends on time alone, as a text: a frame is due when it changes. */
  readonly pulse: () => string;
}

/** Decides when a frame is drawn: often enough to be true, never more often than anybody can read. */
export interface Publisher {
  /** Something that is shown has changed: drawn within 250 ms. */
  changed(): void;
  /** A person did something: drawn at once if the last frame is 100 ms old, and for a second things go faster. */
  touched(): void;
  close(): Promise<void>;
}

/** 4 frames a second, 10 for a second after a key (tui.md 4). */
const calmMs = 250;
const quickMs = 100;
const quickForMs = 1000;
/** Time alone changes what is shown in steps of a second at most. */
const pulseMs = 1000;

export function createPublisher({ clock, draw, isBackedUp, pulse }: PublisherOptions): Publisher {
  const closing = new AbortController();
  const { signal } = closing;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let touchedAt = Number.NEGATIVE_INFINITY;
  let isDirty = false;
  let waiting: AbortController | undefined;
  let drawnPulse = '';

  const beating = (async () => {
    while (!signal.aborted) {
      await clock.sleep(pulseMs, signal);
      if (pulse() !== drawnPulse) changed();
    }
  })().catch(() => {});

  return {
    changed,
    touched() {
      touchedAt = clock.elapsed();
      // A frame that was due later is due sooner now.
      waiting?.abort();
      waiting = undefined;
      changed();
    },
    async close() {
      closing.abort();
      await beating;
    },
  };

  function changed(): void {
    isDirty = true;
    if (waiting || signal.aborted) return;
    const now = clock.elapsed();
    const gap = now - touchedAt < quickForMs ? quickMs : calmMs;
    const left = drawnAt + gap - now;
    if (left <= 0 && !isBackedUp()) return drawNow(now);
    const stop = new AbortController();
    waiting = stop;
    void (async () => {
      await clock.sleep(left > 0 ? left : gap, AbortSignal.any([stop.signal, signal]));
      waiting = undefined;
      if (isDirty) changed();
    })().catch(() => {});
  }

  function drawNow(now: number): void {
    isDirty = false;
    drawnAt = now;
    drawnPulse = pulse();
    draw();
  }
}
