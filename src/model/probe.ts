/**
 * A fail point: called before and after each effect that a kill could fall between. Does nothing outside tests and
 * `selftest` (S24).
 */
export type Probe = (point: string) => void;
