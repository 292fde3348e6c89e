import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runEditor } from '../../../src/view/tui/editor.ts';

function makeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "sluice editor's "));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'state.json');
  writeFileSync(file, 'before');
  return file;
}

test('VISUAL wins over EDITOR, with its arguments, and gets the file whatever its path has in it', async () => {
  const file = makeFile();
  await runEditor(file, { VISUAL: `sh -c 'printf %s "$0" >"$1"' edited`, EDITOR: 'false' });
  expect(readFileSync(file, 'utf8')).toBe('edited');
});

test('an editor that is not there is named', async () => {
  await expect(runEditor(makeFile(), { EDITOR: 'no-such-editor-here 2>/dev/null' })).rejects.toThrow(
    /there is no editor "no-such-editor-here.*set \$EDITOR/,
  );
});

test('an editor that fails says so', async () => {
  await expect(runEditor(makeFile(), { EDITOR: 'sh -c "exit 3"' })).rejects.toThrow('ended with code 3');
});
