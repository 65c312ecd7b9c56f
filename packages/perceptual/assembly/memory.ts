// A bump allocator: the caller takes a mark, allocates a picture's tables, and releases to the mark.
// Blocks are never freed one by one, so nothing can leak or fragment between two pictures.

let top: usize = 0;

/** Reserves `size` zeroed bytes, aligned to 16, with 64 bytes of slack that vector loads may overrun. */
export function alloc(size: i32): usize {
  if (top === 0) top = (__heap_base + 15) & ~15;
  const start = top;
  const end = (start + <usize>size + 64 + 15) & ~15;
  if (end < start) return 0;
  const pages = <i32>((end + 0xffff) >>> 16);
  const have = memory.size();
  if (pages > have && memory.grow(pages - have) < 0) return 0;
  top = end;
  memory.fill(start, 0, end - start);
  return start;
}

/** The current top of memory, to be handed back to `release`. */
export function mark(): usize {
  return alloc(0);
}

/** Forgets every block reserved since `mark`. */
export function release(to: usize): void {
  top = to;
}
