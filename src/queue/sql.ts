/** Runs one statement on any connection of a store; resolves to its rows as they come, to be parsed. */
export type Sql = (text: string, params?: readonly unknown[]) => Promise<readonly unknown[]>;

/** The SQLSTATE of a statement that failed, or the code of a connection that did (PostgreSQL, appendix A). */
export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
