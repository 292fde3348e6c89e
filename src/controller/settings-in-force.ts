import type { Settings } from '../state/settings.ts';

export interface SettingsInForce {
  readonly current: Settings;
  /** Takes the newest version of the file into force; called at every check. */
  refresh(): void;
}
