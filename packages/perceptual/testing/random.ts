/** A seeded generator of numbers in [0, 1): the same pictures on every machine (mulberry32, public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Smooth noise in [0, 1] over the plane: a lattice of seeded values, bicubically eased, in `octaves` layers. */
export function noiseField(random: () => number, octaves: number): (x: number, y: number) => number {
  const lattice = Float32Array.from({ length: 4096 }, random);
  const at = (x: number, y: number) => lattice[((y & 63) << 6) | (x & 63)] ?? 0;
  const layer = (x: number, y: number) => {
    const xi = Math.floor(x);
    const yi = Math.floor(y);
    const fx = x - xi;
    const fy = y - yi;
    const u = fx * fx * (3 - 2 * fx);
    const v = fy * fy * (3 - 2 * fy);
    const top = at(xi, yi) * (1 - u) + at(xi + 1, yi) * u;
    const bottom = at(xi, yi + 1) * (1 - u) + at(xi + 1, yi + 1) * u;
    return top * (1 - v) + bottom * v;
  };
  return (x, y) => {
    let sum = 0;
    let weight = 0;
    for (let o = 0, gain = 1, scale = 1; o < octaves; o++, gain /= 2, scale *= 2) {
      sum += gain * layer(x * scale + 17 * o, y * scale + 29 * o);
      weight += gain;
    }
    return sum / weight;
  };
}
