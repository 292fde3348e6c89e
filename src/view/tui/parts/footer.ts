import { keysNow } from '../keys/keymap.ts';
import { shortKey } from '../keys/key-name.ts';
import type { Model } from '../model.ts';
import type { Binding } from '../screens/contract.ts';
import { screenOf } from '../screens/registry.ts';
import { fit, type Part } from '../text/fit.ts';
import type { Line } from '../text/line.ts';
import { placeOf } from '../ui.ts';

/** The keys that matter here; those that matter least go first where there is no room. */
export function footerLine(model: Model, width: number): Line {
  const { digit } = screenOf(placeOf(model.ui).screen);
  const keys = keysNow(model).filter((binding) => wordOf(binding, model) !== '');
  const isBrowsing = model.ui.mode.type === 'browse';
  const first = keys.filter(
    ({ keys: names }) => isBrowsing && (names.includes('?') || names.includes('esc')),
  );
  const parts = [...first, ...keys.filter((binding) => !first.includes(binding))].map((binding): Part => {
    const isHere = digit !== undefined && binding.keys.includes(digit);
    return {
      spans: [
        { text: shortKey(binding.keys[0] ?? '', model.glyphs.enter), tone: 'key' },
        { text: ` ${wordOf(binding, model)}`, tone: isHere ? 'strong' : 'dim' },
      ],
      drop: binding.drop ?? 0,
    };
  });
  return [{ text: ' ', tone: 'plain' }, ...fit(parts, width - 2, width < 140 ? 2 : 3)];
}

function wordOf({ short }: Binding, model: Model): string {
  return typeof short === 'function' ? short(model) : (short ?? '');
}
