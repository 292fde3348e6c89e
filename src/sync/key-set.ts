import { hash } from 'node:crypto';

/** A set of record keys that costs 16 bytes a slot whatever the keys' length. */
export interface KeySet {
  readonly size: number;
  /** @returns whether the key is new */
  add(key: string): boolean;
  has(key: string): boolean;
}

/**
 * Keys are kept as 128 bits: their own when they are 32 hex digits (Mailchimp's ids are MD5 sums), else an MD5 sum.
 * Ten million members take about 270 MB at the worst moment of growth, where a Set of strings takes over a gigabyte.
 */
export function createKeySet(): KeySet {
  // Open addressing over 4 words a slot; a slot of four zeros is empty, and the key 0...0 is kept beside.
  let capacity = 1024;
  let words = new Uint32Array(capacity * 4);
  let size = 0;
  let hasZero = false;
  const probe = new Uint32Array(4);

  const find = (table: Uint32Array, slots: number): number => {
    let slot = mixed(probe) & (slots - 1);
    for (;;) {
      const at = slot * 4;
      if (isEmpty(table, at) || equals(table, at, probe)) return at;
      slot = (slot + 1) & (slots - 1);
    }
  };
  const grow = (): void => {
    const old = words;
    capacity *= 2;
    words = new Uint32Array(capacity * 4);
    for (let at = 0; at < old.length; at += 4) {
      if (isEmpty(old, at)) continue;
      probe.set(old.subarray(at, at + 4));
      words.set(probe, find(words, capacity));
    }
  };

  return {
    get size() {
      return size;
    },
    has(key) {
      fingerprint(key, probe);
      return isEmpty(probe, 0) ? hasZero : !isEmpty(words, find(words, capacity));
    },
    add(key) {
      fingerprint(key, probe);
      if (isEmpty(probe, 0)) {
        if (hasZero) return false;
        hasZero = true;
      } else {
        const at = find(words, capacity);
        if (!isEmpty(words, at)) return false;
        words.set(probe, at);
      }
      size += 1;
      if (size * 3 > capacity * 2) grow();
      return true;
    },
  };
}

function fingerprint(key: string, into: Uint32Array): void {
  // The prefix keeps a key apart from another one that happens to be its MD5 sum: an address and its Mailchimp id.
  if (!readHex128(key, into)) readHex128(hash('md5', `key ${key}`), into);
}

/** Reads 32 lower case hex digits, sign by sign as it is done for every record; false when the text is something else. */
function readHex128(text: string, into: Uint32Array): boolean {
  if (text.length !== 32) return false;
  for (let word = 0; word < 4; word += 1) {
    let value = 0;
    for (let at = word * 8; at < word * 8 + 8; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= 48 && code <= 57) value = (value << 4) | (code - 48);
      else if (code >= 97 && code <= 102) value = (value << 4) | (code - 87);
      else return false;
    }
    into[word] = value;
  }
  return true;
}

/** Where the search for a key begins. All of it counts: keys that are numbers or times differ in one word only. */
function mixed(key: Uint32Array): number {
  let mix = 0;
  for (let word = 0; word < 4; word += 1) {
    mix = Math.imul(mix ^ (key[word] ?? 0), 0x9e3779b1);
    mix ^= mix >>> 15;
  }
  return mix >>> 0;
}

function isEmpty(table: Uint32Array, at: number): boolean {
  return table[at] === 0 && table[at + 1] === 0 && table[at + 2] === 0 && table[at + 3] === 0;
}

function equals(table: Uint32Array, at: number, key: Uint32Array): boolean {
  return (
    table[at] === key[0] && table[at + 1] === key[1] && table[at + 2] === key[2] && table[at + 3] === key[3]
  );
}
