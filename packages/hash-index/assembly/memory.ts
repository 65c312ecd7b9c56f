/**
 * A bump allocator over the instance's linear memory. Nothing is ever given back: a compaction is a fresh instance.
 * Callers first `reserve`, which can fail without a trace, then `take`, which cannot: so a mutation is all or nothing.
 */

/** 16-byte loads may overrun the end of a list by at most 32 bytes. */
const OVERRUN: u64 = 64;
/** Growing in steps of 1 MiB keeps the number of `memory.grow` calls small. */
const STEP_PAGES: u64 = 16;

let top: u64 = (u64(__heap_base) + 63) & ~63;

/** Makes room for `bytes` more; false when the 4 GiB of the address space, or the host, are exhausted. */
export function reserve(bytes: u64): bool {
  const have = u64(memory.size()) << 16;
  const need = top + bytes + OVERRUN;
  if (need <= have) return true;
  let pages = (need - have + 0xffff) >> 16;
  if (pages < STEP_PAGES && u64(memory.size()) + STEP_PAGES <= 65536) pages = STEP_PAGES;
  if (u64(memory.size()) + pages > 65536) return false;
  return memory.grow(i32(pages)) >= 0;
}

/** The next `bytes`, 16-byte aligned, of whatever content; room must have been reserved. */
export function take(bytes: u32): u32 {
  const at = u32(top);
  top = (top + bytes + 15) & ~15;
  return at;
}

/** As `take`, zeroed: a bulk load leaves its scratch behind in memory not yet taken. */
export function takeZeroed(bytes: u32): u32 {
  const at = take(bytes);
  memory.fill(at, 0, bytes);
  return at;
}

/** A zeroed work area of the module itself, taken as the instance starts. */
export function workArea(bytes: u32): u32 {
  reserve(bytes);
  return take(bytes);
}

/** Bytes of linear memory held by this instance. */
export function held(): f64 {
  return f64(u64(memory.size()) << 16);
}
