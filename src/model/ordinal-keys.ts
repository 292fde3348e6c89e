/**
 * The keys of the old importer, which tools around it read (S16): they follow what Sluice does. The file is the person's
 * word; a key is only read where an entry has no ordinal at all. Writing a key never fails a run.
 */
export interface OrdinalKeys {
  /**
   * Where a new run of a service begins: at what the file says (null is 0), or, where it says nothing, where the old
   * importer stopped.
   * @param latest `latest_ordinal` as the file has it
   * @throws RunError when the key cannot be read; AbortError when `signal` aborts
   */
  begin(service: string, latest: number | null | undefined, signal: AbortSignal): Promise<number>;
  /** The file says now that a service has reached an ordinal: its key follows, a moment later. */
  reached(service: string, ordinal: number): void;
  /** A service that is read as a whole was confirmed: its key says that it is done. */
  done(service: string): void;
  /** How many records of a session were published, and how many of these have come to an end. */
  progress(service: string, scheduled: number, updated: number): void;
  /** Writes what is left, within two seconds. Idempotent, never rejects. */
  close(): Promise<void>;
}
