import { take } from './memory';
import { headsOf, keyOf, parts, tagOf } from './parts';
import { hashAt } from './rows';

/**
 * Lists: per part and bucket the entries of all hashes with that key. An entry is a tag (u16) and a slot (24 bits).
 * An extent is described by a pointer to its middle and a count: tags lie upward from the pointer, slots downward, so
 * both are found without knowing a capacity. A head (8 B) describes the bucket's first extent. Bulk loads lay exact
 * extents (5 B an entry); entries added later go to chunks of 16, chained in front.
 */
const CHUNK: u32 = 16;
/** Set in a count when the extent is a chunk, which then carries the description of the next extent after its tags. */
export const IS_CHUNK: u32 = 0x80000000;
export const COUNT: u32 = 0x7fffffff;
const CHUNK_BYTES: u32 = CHUNK * 5 + 16;

let freeChunks: u32 = 0;
/** Entries that live in chunks rather than exact extents: a measure of what a compaction would win. */
export let chunked: f64 = 0;

export function headAt(part: u32, key: u32): u32 {
  return headsOf(part) + (key << 3);
}
export function tagAt(extent: u32, index: u32): u32 {
  return extent + (index << 1);
}
export function slotAt(extent: u32, index: u32): u32 {
  return extent - 3 * (index + 1);
}
export function loadSlot(at: u32): u32 {
  return u32(load<u16>(at)) | (u32(load<u8>(at, 2)) << 16);
}
export function storeSlot(at: u32, slot: u32): void {
  store<u16>(at, slot);
  store<u8>(at, slot >> 16, 2);
}
/** The address of the 8 bytes that describe the extent behind this chunk. */
export function nextOf(chunk: u32): u32 {
  return chunk + CHUNK * 2;
}

/** Bytes that must be reserved before one `insert`. */
export function insertNeed(): u64 {
  return u64(parts) * (CHUNK_BYTES + 16);
}

function newChunk(): u32 {
  if (freeChunks !== 0) {
    const chunk = freeChunks;
    freeChunks = load<u32>(nextOf(chunk));
    return chunk;
  }
  return take(CHUNK_BYTES) + CHUNK * 3;
}

/** Enters the slot's hash in every part's list; needs `reserve(insertNeed())`. */
export function insert(slot: u32): void {
  const row = hashAt(slot);
  for (let part: u32 = 0; part < parts; part++) {
    const head = headAt(part, keyOf(row, part));
    let extent = load<u32>(head);
    let count = load<u32>(head, 4);
    if (!(count & IS_CHUNK) || (count & COUNT) === CHUNK) {
      const chunk = newChunk();
      store<u32>(nextOf(chunk), extent);
      store<u32>(nextOf(chunk), count, 4);
      extent = chunk;
      count = IS_CHUNK;
      store<u32>(head, extent);
    }
    store<u16>(tagAt(extent, count & COUNT), tagOf(row, part));
    storeSlot(slotAt(extent, count & COUNT), slot);
    store<u32>(head, count + 1, 4);
    chunked += 1;
  }
}

/** Takes the slot out of every list; the hole is filled by the last entry of the bucket's first extent. */
export function erase(slot: u32): void {
  const row = hashAt(slot);
  for (let part: u32 = 0; part < parts; part++)
    eraseFrom(headAt(part, keyOf(row, part)), slot, tagOf(row, part));
}

function eraseFrom(head: u32, slot: u32, tag: u32): void {
  const first = load<u32>(head);
  const firstCount = load<u32>(head, 4);
  let extent = first;
  let count = firstCount;
  while (true) {
    const index = indexOf(extent, count & COUNT, slot, tag);
    if (index !== 0xffffffff) {
      const last = (firstCount & COUNT) - 1;
      store<u16>(tagAt(extent, index), load<u16>(tagAt(first, last)));
      storeSlot(slotAt(extent, index), loadSlot(slotAt(first, last)));
      store<u32>(head, firstCount - 1, 4);
      if (firstCount & IS_CHUNK) {
        chunked -= 1;
        if (last === 0) dropChunk(head, first);
      }
      return;
    }
    if (!(count & IS_CHUNK)) return;
    count = load<u32>(nextOf(extent), 4);
    extent = load<u32>(nextOf(extent));
  }
}

function indexOf(extent: u32, count: u32, slot: u32, tag: u32): u32 {
  for (let index: u32 = 0; index < count; index++) {
    if (load<u16>(tagAt(extent, index)) === tag && loadSlot(slotAt(extent, index)) === slot) return index;
  }
  return 0xffffffff;
}

function dropChunk(head: u32, chunk: u32): void {
  store<u32>(head, load<u32>(nextOf(chunk)));
  store<u32>(head, load<u32>(nextOf(chunk), 4), 4);
  store<u32>(nextOf(chunk), freeChunks);
  freeChunks = chunk;
}
