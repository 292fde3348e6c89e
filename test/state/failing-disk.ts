import { writeFileSync } from 'node:fs';
import { type Disk, realDisk } from '../../src/state/disk.ts';
import { guardedDisk } from './guarded-disk.ts';

export interface FailingDisk extends Disk {
  /** The effects that were asked for, in order. */
  readonly calls: (keyof Disk)[];
  /** Every call fails with a system error from now on, or those that `which` picks. */
  fail(code: string, which?: FailingCalls): void;
  /** The fault clears. */
  clear(): void;
}

export interface FailingCalls {
  /** The number of the first call, from 0. */
  readonly from?: number;
  /** The number of the last one. */
  readonly to?: number;
  readonly of?: readonly (keyof Disk)[];
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}

/** A real disk that begins to fail at any of its calls, and works again. When it is full, half a file is written. */
export function failingDisk(): FailingDisk {
  const calls: (keyof Disk)[] = [];
  let fault: ({ readonly code: string } & FailingCalls) | undefined;

  const disk = guardedDisk(realDisk, (effect) => {
    const number = calls.push(effect) - 1;
    if (!fault) return;
    const { code, from = 0, to = Number.POSITIVE_INFINITY, of } = fault;
    if (number >= from && number <= to && of?.includes(effect) !== false) throw systemError(code);
  });
  return {
    ...disk,
    calls,
    fail: (code, which = {}) => void (fault = { code, ...which }),
    clear: () => void (fault = undefined),
    async create(path, bytes) {
      await disk.create(path, bytes).catch((error: unknown) => {
        if (fault?.code === 'ENOSPC')
          writeFileSync(path, bytes.subarray(0, bytes.length / 2), { flag: 'wx' });
        throw error;
      });
    },
  };
}
