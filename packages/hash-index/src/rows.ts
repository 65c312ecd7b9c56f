import { HashIndexError } from './errors.ts';

export const HASH_BYTES = 32;

/** Rows as columns: `hashes` holds 32 bytes per id, `banks` a mask of bank bits per id. */
export interface Rows {
  readonly ids: Uint32Array;
  readonly hashes: Uint8Array;
  readonly banks: Uint32Array;
}

/** The same rows in ascending order of ids. Throws `id.taken` when an id comes twice. */
export function inOrderOfIds(rows: Rows): Rows {
  const { ids } = rows;
  const count = ids.length;
  let ascending = true;
  for (let row = 1; row < count && ascending; row++)
    ascending = (ids[row - 1] as number) < (ids[row] as number);
  if (ascending) return rows;
  return permute(rows, orderOf(ids));
}

function orderOf(ids: Uint32Array): Uint32Array {
  // Two stable passes of 16 bits: sorting 10^7 numbers by comparison would take seconds.
  let from: Uint32Array<ArrayBuffer> = Uint32Array.from(ids, (_, row) => row);
  for (const shift of [0, 16]) {
    const starts = new Uint32Array(65_537);
    for (const id of ids) {
      const digit = ((id >>> shift) & 0xffff) + 1;
      starts[digit] = (starts[digit] as number) + 1;
    }
    for (let digit = 1; digit <= 65_536; digit++) {
      starts[digit] = (starts[digit] as number) + (starts[digit - 1] as number);
    }
    const to = new Uint32Array(ids.length);
    for (const row of from) {
      const digit = ((ids[row] as number) >>> shift) & 0xffff;
      const place = starts[digit] as number;
      to[place] = row;
      starts[digit] = place + 1;
    }
    from = to;
  }
  return from;
}

function permute(rows: Rows, order: Uint32Array): Rows {
  const ids = new Uint32Array(order.length);
  const banks = new Uint32Array(order.length);
  const hashes = new Uint8Array(order.length * HASH_BYTES);
  for (let to = 0; to < order.length; to++) {
    const from = order[to] as number;
    ids[to] = rows.ids[from] as number;
    banks[to] = rows.banks[from] as number;
    hashes.set(rows.hashes.subarray(from * HASH_BYTES, (from + 1) * HASH_BYTES), to * HASH_BYTES);
    if (to > 0 && ids[to] === ids[to - 1]) throw new HashIndexError('id.taken');
  }
  return { ids, hashes, banks };
}

/** The rows that have a bank: free slots of an engine have none. */
export function live(rows: Rows): Rows {
  const slots = rows.ids.length;
  let kept = 0;
  for (const mask of rows.banks) if (mask !== 0) kept++;
  if (kept === slots) return rows;
  const ids = new Uint32Array(kept);
  const banks = new Uint32Array(kept);
  const hashes = new Uint8Array(kept * HASH_BYTES);
  let row = 0;
  for (let slot = 0; slot < slots; slot++) {
    const mask = rows.banks[slot] as number;
    if (mask === 0) continue;
    ids[row] = rows.ids[slot] as number;
    banks[row] = mask;
    hashes.set(rows.hashes.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES), row * HASH_BYTES);
    row++;
  }
  return { ids, hashes, banks };
}

/** The rows of both, in that order. */
export function concat(a: Rows, b: Rows): Rows {
  const ids = new Uint32Array(a.ids.length + b.ids.length);
  const banks = new Uint32Array(ids.length);
  const hashes = new Uint8Array(ids.length * HASH_BYTES);
  for (const [rows, at] of [
    [a, 0],
    [b, a.ids.length],
  ] as const) {
    ids.set(rows.ids, at);
    banks.set(rows.banks, at);
    hashes.set(rows.hashes, at * HASH_BYTES);
  }
  return { ids, hashes, banks };
}
