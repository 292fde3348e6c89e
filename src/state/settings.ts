import { getNodeValue, type Node } from 'jsonc-parser';
import type { FileProblem } from '../model/events.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Environment } from './env-file.ts';
import { readJsonc } from './jsonc.ts';
import { createProblemAt, type ProblemAt } from './position.ts';
import {
  settingNames,
  settingsSchema,
  type SettingName,
  type Settings,
  textSettings,
} from './settings-schema.ts';

export type { Settings } from './settings-schema.ts';

/** What holds where nobody set anything. */
export const defaultSettings: Settings = settingsSchema.parse({});

export interface ReadSettings {
  readonly settings: Settings;
  /** Values that cannot be used; at a start they are exit 2, later the last good value stays. */
  readonly problems: readonly FileProblem[];
  /** Likely typos; everything else is in force. */
  readonly warnings: readonly FileProblem[];
}

/**
 * The settings in force: `SLUICE_<NAME>` of the environment, then the file (JSONC; undefined when there is none), then
 * the default (S21). A value that cannot be used is a problem and leaves that setting as it is in `lastGood`; a file that
 * cannot be read leaves all of them. Pure; never throws.
 */
export function readSettings(
  text: string | undefined,
  environment: Environment,
  lastGood: Settings = defaultSettings,
): ReadSettings {
  const file = text === undefined ? nothing : readFile(text);
  const variables = readEnvironment(environment);
  const settings: Record<string, number | string> = { ...defaultSettings };
  for (const name of settingNames) {
    const bad = variables.bad.has(name) || (file.bad.has(name) && !variables.values.has(name));
    const unread = file.unreadable && !variables.values.has(name);
    const value = bad || unread ? lastGood[name] : (variables.values.get(name) ?? file.values.get(name));
    if (value !== undefined) settings[name] = value;
  }
  return {
    settings: settingsSchema.parse(settings),
    problems: [...file.problems, ...variables.problems],
    warnings: [...file.warnings, ...variables.warnings],
  };
}

interface Found {
  readonly unreadable: boolean;
  readonly values: ReadonlyMap<SettingName, number | string>;
  readonly bad: ReadonlySet<SettingName>;
  readonly problems: readonly FileProblem[];
  readonly warnings: readonly FileProblem[];
}

const nothing: Found = { unreadable: false, values: new Map(), bad: new Set(), problems: [], warnings: [] };

function readFile(text: string): Found {
  const tree = readJsonc(text, 'settings.json');
  if (!tree.ok) return { ...nothing, unreadable: true, problems: [tree.problem] };
  const problemAt = createProblemAt('settings.json', tree.body);
  if (tree.root.type !== 'object') {
    return {
      ...nothing,
      unreadable: true,
      problems: [problemAt(tree.root.offset, 'expected an object: { ... }')],
    };
  }
  return readProperties(tree.root, problemAt);
}

function readProperties(root: Node, problemAt: ProblemAt): Found {
  const values = new Map<SettingName, number | string>();
  const bad = new Set<SettingName>();
  const seen = new Set<string>();
  const problems: FileProblem[] = [];
  const warnings: FileProblem[] = [];
  for (const [key, value] of (root.children ?? []).map((property) => property.children ?? [])) {
    if (!key || !value) continue;
    const written = String(key.value);
    const name = settingNames.find((known) => known === written);
    if (name === undefined) {
      const warning = unknownSetting(written);
      if (warning !== undefined) warnings.push(problemAt(key.offset, warning));
      continue;
    }
    const read = settingsSchema.shape[name].safeParse(getNodeValue(value));
    if (seen.has(name))
      problems.push(problemAt(key.offset, `"${name}" is written twice: remove one of them`));
    else if (read.success) values.set(name, read.data);
    else
      problems.push(
        problemAt(value.offset, `"${name}" must be ${read.error.issues[0]?.message ?? 'a number'}`),
      );
    if (seen.has(name) || !read.success) bad.add(name);
    seen.add(name);
  }
  return { unreadable: false, values, bad, problems, warnings };
}

function unknownSetting(name: string): string | undefined {
  if (name === '$schema') return undefined;
  const meant = didYouMean(name, settingNames);
  const question = meant === undefined ? '' : `: did you mean "${meant}"?`;
  return `unknown setting "${name}"${question}`;
}

function readEnvironment(environment: Environment): Found {
  const values = new Map<SettingName, number | string>();
  const bad = new Set<SettingName>();
  const problems: FileProblem[] = [];
  const warnings: FileProblem[] = [];
  const variables = new Map(settingNames.map((name) => [`SLUICE_${name.toUpperCase()}`, name]));
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('SLUICE_') || text === undefined) continue;
    const at = (message: string): FileProblem => ({ file: variable, line: 1, column: 1, message });
    const name = variables.get(variable);
    if (name === undefined) {
      const meant = didYouMean(variable, [...variables.keys()]);
      if (meant !== undefined) warnings.push(at(`unknown variable ${variable}: did you mean ${meant}?`));
      continue;
    }
    const given = textSettings.has(name) ? text.trim() : Number(text);
    const read = settingsSchema.shape[name].safeParse(text.trim() === '' ? undefined : given);
    if (!read.success)
      problems.push(at(`${variable} must be ${read.error.issues[0]?.message ?? 'a number'}`));
    else if (text.trim() !== '') values.set(name, read.data);
    if (!read.success) bad.add(name);
  }
  return { unreadable: false, values, bad, problems, warnings };
}
