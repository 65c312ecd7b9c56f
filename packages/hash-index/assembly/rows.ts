import { reserve, take, takeZeroed, workArea } from './memory';

/**
 * Rows: one slot per hash, in pages of 16,384 slots so that memory grows without copying.
 * A page holds columns: hashes (32 B each), ids (u32), bank masks (u32; 0 = the slot is free), run bits.
 *
 * Ids are found without a table where they can be: slots whose run bit is set hold ascending ids (bulk loads and serial
 * ids), so a binary search over them suffices and costs no memory. Ids that came out of order live in `strays`, an
 * open-addressing table of slots.
 */
export const PAGE_BITS: u32 = 14;
export const PAGE_SLOTS: u32 = 1 << PAGE_BITS;
const PAGE_LOW: u32 = PAGE_SLOTS - 1;
const IDS: u32 = PAGE_SLOTS * 32;
const MASKS: u32 = IDS + PAGE_SLOTS * 4;
const RUN: u32 = MASKS + PAGE_SLOTS * 4;
const PAGE_BYTES: u32 = RUN + PAGE_SLOTS / 8;
/** Slot numbers are 24 bits wide in the lists. */
const MAX_SLOTS: u32 = 1 << 24;
const NONE: u32 = 0xffffffff;

const pages: u32 = workArea((MAX_SLOTS >> PAGE_BITS) * 4);
let pageCount: u32 = 0;
export let slots: u32 = 0;
export let live: u32 = 0;
let freeHead: u32 = NONE;
let lastRun: u32 = NONE;

let strayTable: u32 = 0;
let strayBits: u32 = 0;
let strays: u32 = 0;

export function hashAt(slot: u32): u32 {
  return load<u32>(pages + ((slot >> PAGE_BITS) << 2)) + ((slot & PAGE_LOW) << 5);
}
export function idAt(slot: u32): u32 {
  return load<u32>(pages + ((slot >> PAGE_BITS) << 2)) + IDS + ((slot & PAGE_LOW) << 2);
}
export function maskAt(slot: u32): u32 {
  return load<u32>(pages + ((slot >> PAGE_BITS) << 2)) + MASKS + ((slot & PAGE_LOW) << 2);
}
export function pageAt(page: u32): u32 {
  return load<u32>(pages + (page << 2));
}

function runWord(slot: u32): u32 {
  return load<u32>(pages + ((slot >> PAGE_BITS) << 2)) + RUN + (((slot & PAGE_LOW) >> 5) << 2);
}
function setRun(slot: u32): void {
  const at = runWord(slot);
  store<u32>(at, load<u32>(at) | (1 << (slot & 31)));
}
function clearRun(slot: u32): void {
  const at = runWord(slot);
  store<u32>(at, load<u32>(at) & ~(1 << (slot & 31)));
}

/** The highest run slot at or below `slot`, or NONE. */
function runAtOrBelow(slot: u32): u32 {
  let word = load<u32>(runWord(slot)) & (0xffffffff >> (31 - (slot & 31)));
  let base = slot & ~31;
  while (word === 0) {
    if (base === 0) return NONE;
    base -= 32;
    word = load<u32>(runWord(base));
  }
  return base + (31 - clz(word));
}

function findInRun(id: u32): u32 {
  if (lastRun === NONE) return NONE;
  let low: u32 = 0;
  let high: u32 = lastRun + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = runAtOrBelow(middle);
    if (at === NONE || at < low) {
      low = middle + 1;
      continue;
    }
    const found = load<u32>(idAt(at));
    if (found === id) return at;
    if (found < id) low = middle + 1;
    else high = at;
  }
  return NONE;
}

/** Bytes the table of strays needs for one more member: 0, or a doubled table. */
function strayNeed(): u64 {
  if (strayTable !== 0 && (u64(strays) + 1) * 10 <= (u64(1) << strayBits) * 7) return 0;
  return (u64(4) << (strayTable === 0 ? 8 : strayBits + 1)) + 16;
}

function strayHome(id: u32): u32 {
  return (id * 0x9e3779b1) >> (32 - strayBits);
}

function strayPut(slot: u32): void {
  const low: u32 = (1 << strayBits) - 1;
  let cell = strayHome(load<u32>(idAt(slot)));
  while (load<u32>(strayTable + (cell << 2)) !== 0) cell = (cell + 1) & low;
  store<u32>(strayTable + (cell << 2), slot + 1);
}

function strayAdd(slot: u32): void {
  if (strayNeed() !== 0) {
    const old = strayTable;
    const oldCells: u32 = old === 0 ? 0 : 1 << strayBits;
    strayBits = old === 0 ? 8 : strayBits + 1;
    strayTable = takeZeroed(4 << strayBits);
    for (let cell: u32 = 0; cell < oldCells; cell++) {
      const kept = load<u32>(old + (cell << 2));
      if (kept !== 0) strayPut(kept - 1);
    }
  }
  strayPut(slot);
  strays++;
}

function strayCell(id: u32): u32 {
  if (strayTable === 0) return NONE;
  const low: u32 = (1 << strayBits) - 1;
  let cell = strayHome(id);
  while (true) {
    const kept = load<u32>(strayTable + (cell << 2));
    if (kept === 0) return NONE;
    if (load<u32>(idAt(kept - 1)) === id) return cell;
    cell = (cell + 1) & low;
  }
}

/** Deletes by shifting back, so that the table never fills with tombstones. */
function strayRemove(cell: u32): void {
  const low: u32 = (1 << strayBits) - 1;
  let hole = cell;
  let next = cell;
  while (true) {
    next = (next + 1) & low;
    const kept = load<u32>(strayTable + (next << 2));
    if (kept === 0) break;
    const home = strayHome(load<u32>(idAt(kept - 1)));
    if (((next - home) & low) >= ((next - hole) & low)) {
      store<u32>(strayTable + (hole << 2), kept);
      hole = next;
    }
  }
  store<u32>(strayTable + (hole << 2), 0);
  strays--;
}

/** The slot that holds `id`, or 0xffffffff. */
export function find(id: u32): u32 {
  const at = findInRun(id);
  if (at !== NONE) return at;
  const cell = strayCell(id);
  return cell === NONE ? NONE : load<u32>(strayTable + (cell << 2)) - 1;
}

/** Bytes needed before `claim` may run once; NONE-like huge when the slots are used up. */
export function claimNeed(): u64 {
  if (freeHead !== NONE) return strayNeed();
  if (slots === MAX_SLOTS) return u64(1) << 40;
  return strayNeed() + (slots === pageCount << PAGE_BITS ? u64(PAGE_BYTES) + 16 : 0);
}

function addPage(): void {
  const page = take(PAGE_BYTES);
  memory.fill(page + RUN, 0, PAGE_SLOTS / 8);
  store<u32>(pages + (pageCount << 2), page);
  pageCount++;
}

/** A slot for `id`, registered under it; the caller writes hash and mask. Needs `reserve(claimNeed())`. */
export function claim(id: u32, mask: u32): u32 {
  let slot = freeHead;
  let ascending = false;
  if (slot !== NONE) {
    freeHead = load<u32>(idAt(slot));
  } else {
    if (slots === pageCount << PAGE_BITS) addPage();
    slot = slots++;
    ascending = lastRun === NONE || load<u32>(idAt(lastRun)) < id;
  }
  store<u32>(idAt(slot), id);
  store<u32>(maskAt(slot), mask);
  if (ascending) {
    setRun(slot);
    lastRun = slot;
  } else {
    strayAdd(slot);
  }
  live++;
  return slot;
}

/** Frees the slot for another id. */
export function release(slot: u32): void {
  const inRun = (load<u32>(runWord(slot)) >> (slot & 31)) & 1;
  if (inRun) {
    clearRun(slot);
    if (slot === lastRun) lastRun = runAtOrBelow(slot);
  } else {
    strayRemove(strayCell(load<u32>(idAt(slot))));
  }
  store<u32>(maskAt(slot), 0);
  store<u32>(idAt(slot), freeHead);
  freeHead = slot;
  live--;
}

/** Whether every slot is live and in ascending order of ids, as after a bulk load. */
export function inOrder(): bool {
  return slots === live && strays === 0;
}

/** Room for `count` rows with ascending ids in an empty instance; the caller fills the columns, then calls `sealRows`. */
export function openRows(count: u32): bool {
  if (slots !== 0 || count > MAX_SLOTS) return false;
  const wanted = (count + PAGE_LOW) >> PAGE_BITS;
  if (!reserve(u64(wanted) * (PAGE_BYTES + 16))) return false;
  while (pageCount < wanted) addPage();
  slots = count;
  live = count;
  return true;
}

/** Checks the columns written after `openRows`: ids strictly ascending, no bank outside `known`, none without a bank. */
export function sealRows(known: u32): bool {
  let before: i64 = -1;
  for (let slot: u32 = 0; slot < slots; slot++) {
    const id = load<u32>(idAt(slot));
    const mask = load<u32>(maskAt(slot));
    if (i64(id) <= before || mask === 0 || (mask & ~known) !== 0) return false;
    before = i64(id);
  }
  const full = slots >> 5;
  for (let word: u32 = 0; word < full; word++) store<u32>(runWord(word << 5), 0xffffffff);
  if (slots & 31) store<u32>(runWord(full << 5), (1 << (slots & 31)) - 1);
  if (slots !== 0) lastRun = slots - 1;
  return true;
}
