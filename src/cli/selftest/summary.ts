import type { CrashResult } from './rounds.ts';

/** What a self-test comes to; what `--json` prints last. */
export interface Summary {
  readonly ok: boolean;
  readonly kills: number;
  readonly planned: number;
  readonly lost: number;
  readonly replayed: number;
  /** The most records that came again after one kill, and how many that may be by rights: about a page a worker. */
  readonly mostReplayed: number;
  readonly replaysAllowed: number;
  readonly faults: readonly string[];
  readonly seconds: number;
  readonly disk: { readonly folder: string; readonly kind: string | undefined };
  readonly queue: string;
}

/**
 * Judges a result. Replays are allowed by the sum: one page a worker for each kill, as one kill may come a little later
 * after the last checkpoint than another (S8).
 */
export function faultsIn(
  { lost, replayed, miscounted, unreached, faults, kills }: CrashResult,
  underWay: number,
): readonly string[] {
  const allowed = kills * underWay;
  return [
    ...(lost.length === 0 ? [] : [`${lost.length} records were lost, the first: ${lost[0]}`]),
    ...(replayed <= allowed ? [] : [`${replayed} records were replayed, at most ${allowed} may be`]),
    ...miscounted,
    ...unreached.map((point) => `no start came to ${point}`),
    ...faults,
  ];
}

/** The last lines for a person: what was found, and what to do about it. */
export function sayingOf(summary: Summary): readonly string[] {
  const { ok, kills, planned, lost, replayed, mostReplayed, faults } = summary;
  const short = kills < planned ? ` (${planned - kills} more were planned)` : '';
  return [
    `${kills} ${kills === 1 ? 'kill' : 'kills'}${short}, ${lost} records lost, ${replayed} replayed (at most ${mostReplayed} after one kill)`,
    ...faults.map((fault) => `  FAIL  ${fault}`),
    ...(ok ? [] : advice),
  ];
}

const advice = [
  'Do not trust this disk and this queue together until you know why:',
  '  QUEUE_URL=embedded: ./run.sh selftest    tells whether it is the queue: then look whether it evicts or is emptied',
  '  ./run.sh selftest --state ANOTHER_DISK   tells whether it is the disk',
  'If it is neither, it is a defect of Sluice: please report it with the lines above.',
];
