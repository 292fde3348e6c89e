/** Where a consumer stores chunks. */
export interface Target {
  /** What logs and screens call it; holds no password. */
  readonly name: string;
  /**
   * Makes ready what is needed, waiting for as long as it is merely away. Rejects with a SluiceError (recovery `config`)
   * when a person has to change something first, or with an AbortError. Called once, before any `store`.
   */
  prepare(signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the whole chunk is durable; the same chunk again does no harm. Rejects, with nothing of the chunk
   * stored, with an error whose message names the entity and the reason when the chunk itself cannot be stored. What is
   * merely away is waited for until `signal` aborts; then it rejects with an AbortError.
   */
  store(chunk: Chunk, signal: AbortSignal): Promise<void>;
  /** Idempotent, never rejects, done within about a second. */
  close(): Promise<void>;
}

/** The content of one job. */
export interface Chunk {
  /** The job's name, for SISU the old channel, for example `ORI_PERSON_CHANNEL`. */
  readonly channel: string;
  /** As they were published. */
  readonly entities: readonly unknown[];
}
