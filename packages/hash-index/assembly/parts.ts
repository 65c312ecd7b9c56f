import { reserve, takeZeroed, workArea } from './memory';

/**
 * The plan: 256 bits are a ring cut into parts. Part i has `width` bits from `position`; its first `address` bits choose
 * a bucket, and each entry keeps the 16 bits that follow the address (the rest of the part, then the start of the next
 * part) as its tag.
 */
export const MAX_PARTS: u32 = 32;
const STRIDE: u32 = 48;
const table: u32 = workArea(MAX_PARTS * STRIDE);
export let parts: u32 = 0;

export function positionOf(part: u32): u32 {
  return load<u32>(table + part * STRIDE);
}
export function widthOf(part: u32): u32 {
  return load<u32>(table + part * STRIDE, 4);
}
export function addressOf(part: u32): u32 {
  return load<u32>(table + part * STRIDE, 8);
}
/** Bits of the tag that still belong to the part itself. */
export function restOf(part: u32): u32 {
  return widthOf(part) - addressOf(part);
}
/** Where the part's exact extents lie as one block, in the order of their keys; 0 before there are any. */
export function blockOf(part: u32): u32 {
  return load<u32>(table + part * STRIDE, 24);
}
export function setBlock(part: u32, block: u32): void {
  store<u32>(table + part * STRIDE, block, 24);
}
export function headsOf(part: u32): u32 {
  return load<u32>(table + part * STRIDE, 12);
}
/** Flips allowed within the part at the current radius; -1 = the part is not asked. */
export function allowanceOf(part: u32): i32 {
  return load<i32>(table + part * STRIDE, 16);
}
/** Flips allowed within this part and the next together. */
export function pairAllowanceOf(part: u32): i32 {
  return load<i32>(table + part * STRIDE, 20);
}

/** The 64 bits of the ring at `row` from bit `shift` of word `word` on, running over into the next word. */
export function ring(row: u32, word: u32, shift: u64): u64 {
  const over = load<u64>(row + (((word + 1) & 3) << 3));
  return (load<u64>(row + (word << 3)) >> shift) | ((over << 1) << (63 - shift));
}

/** `count` (<= 25) bits of the 256-bit ring at `row`, from bit `position`. */
export function bits(row: u32, position: u32, count: u32): u32 {
  return u32(ring(row, (position >> 6) & 3, u64(position & 63))) & ((1 << count) - 1);
}
export function keyOf(row: u32, part: u32): u32 {
  return bits(row, positionOf(part), addressOf(part));
}
export function tagOf(row: u32, part: u32): u32 {
  return bits(row, positionOf(part) + addressOf(part), 16);
}

/** Adds a part to the plan of an empty instance and makes its empty buckets. */
export function addPart(width: u32, address: u32): bool {
  if (parts === MAX_PARTS || address < 8 || address > 16 || address > width || width - address > 16)
    return false;
  const position: u32 = parts === 0 ? 0 : positionOf(parts - 1) + widthOf(parts - 1);
  if (position + width > 256) return false;
  const bytes: u32 = 8 << address;
  if (!reserve(u64(bytes) + 16)) return false;
  const at = table + parts * STRIDE;
  store<u32>(at, position);
  store<u32>(at, width, 4);
  store<u32>(at, address, 8);
  store<u32>(at, takeZeroed(bytes), 12);
  parts++;
  return true;
}

/**
 * Shares the radius among the parts: the sum of (allowance + 1) is exactly radius + 1, wider parts served first.
 * Then a neighbour's surplus (flips - allowance - 1) sums below zero round the ring, so from some part on every partial
 * sum is below zero (cycle lemma): its part is within the allowance, and it with the next within both plus one.
 * Returns the largest allowance.
 */
export function setRadius(radius: u32): i32 {
  const each = i32((radius + 1) / parts);
  let extra = (radius + 1) % parts;
  for (let part: u32 = 0; part < parts; part++) store<i32>(table + part * STRIDE, each - 1, 16);
  for (let width: u32 = 24; extra > 0 && width > 0; width--) {
    for (let part: u32 = 0; part < parts && extra > 0; part++) {
      if (widthOf(part) !== width) continue;
      store<i32>(table + part * STRIDE, each, 16);
      extra--;
    }
  }
  let most: i32 = -1;
  for (let part: u32 = 0; part < parts; part++) {
    const next: u32 = part + 1 === parts ? 0 : part + 1;
    store<i32>(table + part * STRIDE, allowanceOf(part) + allowanceOf(next) + 1, 20);
    if (allowanceOf(part) > most) most = allowanceOf(part);
  }
  return most;
}
