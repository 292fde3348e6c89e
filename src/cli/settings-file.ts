import { join } from 'node:path';
import { SettingError } from '../model/errors.ts';
import type { Emit, FileProblem } from '../model/events.ts';
import type { Environment } from '../state/env-file.ts';
import { readFileText } from '../state/read.ts';
import { defaultSettings, readSettings, type Settings } from '../state/settings.ts';

/** `settings.json` with the environment over it, read again at every look (S21). */
export interface SettingsFile {
  readonly current: Settings;
  /** Takes the newest version into force; a value that cannot be used stays as it was and is told once. */
  refresh(): void;
}

/** @throws SettingError when a value cannot be used at the start */
export function openSettings(folder: string, env: Environment, emit: Emit): SettingsFile {
  const path = join(folder, 'settings.json');
  const told = new Set<string>();
  const read = (lastGood: Settings) => {
    const file = readFileText(path, 'settings.json');
    if (file.ok || file.missing) return readSettings(file.ok ? file.text : undefined, env, lastGood);
    return { settings: lastGood, problems: [file.problem], warnings: [] };
  };
  const tell = (problem: FileProblem, level: 'warn' | 'error'): void => {
    const message = place(problem);
    if (told.has(message)) return;
    told.add(message);
    emit({ type: 'notice', level, topic: 'settings', message });
  };

  const first = read(defaultSettings);
  const [problem] = first.problems;
  if (problem) throw new SettingError(place(problem), 'correct it, or remove it to use the default');
  for (const warning of first.warnings) tell(warning, 'warn');
  let { settings } = first;
  return {
    get current() {
      return settings;
    },
    refresh() {
      const next = read(settings);
      for (const wrong of next.problems) tell(wrong, 'error');
      for (const warning of next.warnings) tell(warning, 'warn');
      settings = next.settings;
    },
  };
}

function place({ file, line, column, message }: FileProblem): string {
  return file.endsWith('.json') ? `${file} line ${line}, column ${column}: ${message}` : message;
}
