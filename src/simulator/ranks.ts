/** A row of slots, each set or not, that answers "how many before this one" and "which is the k-th" in O(log n). */
export interface Ranks {
  set(slot: number): void;
  clear(slot: number): void;
  /** How many set slots lie before `slot`. */
  before(slot: number): number;
  /** The slot that has exactly `rank` set slots before it; `rank` must be below the number of set slots. */
  at(rank: number): number;
}

/** `capacity` slots of which the first `filled` are set (a Fenwick tree). */
export function createRanks(capacity: number, filled: number): Ranks {
  const tree = new Int32Array(capacity + 1);
  for (let node = 1; node <= capacity; node++) {
    tree[node] = (tree[node] ?? 0) + (node <= filled ? 1 : 0);
    const parent = node + (node & -node);
    if (parent <= capacity) tree[parent] = (tree[parent] ?? 0) + (tree[node] ?? 0);
  }
  const top = capacity === 0 ? 0 : 2 ** Math.floor(Math.log2(capacity));

  const add = (slot: number, step: number): void => {
    for (let node = slot + 1; node <= capacity; node += node & -node) tree[node] = (tree[node] ?? 0) + step;
  };

  return {
    set: (slot) => add(slot, 1),
    clear: (slot) => add(slot, -1),
    before(slot) {
      let count = 0;
      for (let node = slot; node > 0; node -= node & -node) count += tree[node] ?? 0;
      return count;
    },
    at(rank) {
      let node = 0;
      let left = rank;
      for (let step = top; step > 0; step >>= 1) {
        const next = node + step;
        if (next <= capacity && (tree[next] ?? 0) <= left) {
          node = next;
          left -= tree[next] ?? 0;
        }
      }
      return node;
    },
  };
}
