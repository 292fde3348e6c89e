import { Box, Text, useApp, useInput, usePaste, useStdin } from 'ink';
import { memo, type ReactNode, useEffect } from 'react';
import { type KeyFacts, keyNames } from './keys/key-name.ts';

/** Gives the terminal to somebody else for as long as `work` takes. */
export type Suspend = (work: () => Promise<void>) => Promise<void>;

export interface AppProps {
  /** One painted text a row. */
  readonly rows: readonly string[];
  /** Another number draws every row anew. */
  readonly generation: number;
  readonly onKeys: (names: readonly string[]) => void;
  readonly onPaste: (text: string) => void;
  readonly onReady: (suspend: Suspend) => void;
}

/**
 * The frame, a text a row. The height is fixed and the width is not: with a width of its own the root leaves debris when
 * a window gets narrower (tui.md, trap 3).
 */
export function App({ rows, generation, onKeys, onPaste, onReady }: AppProps): ReactNode {
  const { isRawModeSupported } = useStdin();
  const { suspendTerminal } = useApp();
  useInput((input, key: KeyFacts) => onKeys(keyNames(input, key)), { isActive: isRawModeSupported });
  usePaste(onPaste, { isActive: isRawModeSupported });
  useEffect(() => onReady(suspendTerminal), [onReady, suspendTerminal]);
  return (
    <Box key={generation} flexDirection="column" height={rows.length}>
      {rows.map((row, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- a row is its place on the screen
        <Row key={at} text={row} />
      ))}
    </Box>
  );
}

/** A row that stays as it is costs nothing. */
const Row = memo(function Row({ text }: { readonly text: string }): ReactNode {
  return (
    <Box height={1} flexShrink={0}>
      <Text wrap="truncate">{text === '' ? ' ' : text}</Text>
    </Box>
  );
});
