/** Numbers in [0, 1) that depend on nothing but the seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return scatter(state, 0) / 0x1_0000_0000;
  };
}

/** 32 bits that depend on nothing but the two arguments; for one `b`, different `a` never give the same. */
export function scatter(a: number, b: number): number {
  let mixed = (a ^ Math.imul(b + 0x7ed55d16, 0x85ebca6b)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
