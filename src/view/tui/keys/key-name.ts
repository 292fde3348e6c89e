/** What Ink tells of a key, as far as it matters here. */
export interface KeyFacts {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageDown: boolean;
  readonly pageUp: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly ctrl: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly meta: boolean;
}

/**
 * The names of the keys in one piece of input: `r`, `R`, `up`, `ctrl+c` ... Keys that were pressed fast come together,
 * so one piece may be several.
 */
export function keyNames(input: string, key: KeyFacts): readonly string[] {
  const named = special(key);
  if (named !== undefined) return [named];
  if (input === '') return [];
  if (key.ctrl) return [`ctrl+${input}`];
  if (key.meta) return [`alt+${input}`];
  return Array.from(input, (sign) => (sign === '\r' || sign === '\n' ? 'enter' : sign)).filter(
    (sign) => sign.length > 1 || !/\p{Cc}/u.test(sign),
  );
}

/** A key as help and footer print it. */
export function shortKey(name: string, enter: string): string {
  if (name === 'enter') return enter;
  return { ' ': 'space', pageup: 'PgUp', pagedown: 'PgDn', up: 'up', down: 'down' }[name] ?? name;
}

function special(key: KeyFacts): string | undefined {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'pageup';
  if (key.pageDown) return 'pagedown';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'enter';
  if (key.escape) return 'esc';
  if (key.tab) return 'tab';
  return key.backspace || key.delete ? 'backspace' : undefined;
}
