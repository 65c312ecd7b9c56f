import { Banks } from './banks.ts';
import { Engine } from './engine.ts';
import { HashIndexError } from './errors.ts';
import { type Part, planFor } from './plan.ts';
import { HASH_BYTES, inOrderOfIds, live } from './rows.ts';

/**
 * Snapshot, version 1, little-endian, in stripes of 32 bytes (docs/hash-index.md has the table):
 * header, ids, banks, hashes, and where `parts` is not 0 each part's bucket sizes and block; then XXH64 of all that.
 */
const MAGIC = Uint8Array.from([0x41, 0x43, 0x43, 0x48, 0x49, 0x44, 0x58, 0x00]); // "ACCHIDX\0"
const VERSION = 1;
const FIXED_BYTES = 64;
const MAX_ROWS = 2 ** 24;
const MAX_SHARDS = 2 ** 16;

/** Which shard of how many a snapshot holds; a whole index is shard 0 of 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 32) * 32;
}

interface Header {
  readonly bytes: number;
  readonly rows: number;
  readonly address: number;
  readonly parts: number;
  readonly shard: Shard;
  readonly bankCount: number;
}

function sections({ bytes, rows, parts, address }: Header) {
  const ids = bytes;
  const banks = ids + padded(4 * rows);
  const hashes = banks + padded(4 * rows);
  const lists = hashes + HASH_BYTES * rows;
  const sizeBytes = 4 * 2 ** address;
  const listBytes = sizeBytes + padded(5 * rows);
  const checksum = lists + parts * listBytes;
  return { ids, banks, hashes, lists, sizeBytes, listBytes, checksum, total: checksum + 8 };
}

/** Bytes that `readSnapshot` takes back; `lists` only for a tidy engine. Source of the checksum: xxHash specification. */
export function writeSnapshot(
  engine: Engine,
  banks: Banks,
  shard: Shard,
  lists: boolean,
): Uint8Array<ArrayBuffer> {
  const dumped = engine.dumpRows();
  const rows = engine.tidy ? dumped : inOrderOfIds(live(dumped));
  const names = encodeNames(banks.names);
  const address = engine.parts[0]?.address ?? 0;
  const header: Header = {
    bytes: padded(FIXED_BYTES + names.length),
    rows: rows.ids.length,
    parts: lists ? engine.parts.length : 0,
    address: lists ? address : 0,
    shard,
    bankCount: banks.names.length,
  };
  const at = sections(header);
  const bytes = new Uint8Array(at.total);
  writeHeader(bytes, header, at.total);
  bytes.set(names, FIXED_BYTES);
  putColumn(bytes, at.ids, rows.ids);
  putColumn(bytes, at.banks, rows.banks);
  bytes.set(rows.hashes, at.hashes);
  for (let part = 0; part < header.parts; part++) {
    const { sizes, block } = engine.list(part, address);
    bytes.set(sizes, at.lists + part * at.listBytes);
    bytes.set(block, at.lists + part * at.listBytes + at.sizeBytes);
  }
  const checksum = engine.checksum(bytes.subarray(0, at.checksum));
  new DataView(bytes.buffer).setBigUint64(at.checksum, checksum, true);
  return bytes;
}

function putColumn(bytes: Uint8Array, at: number, column: Uint32Array): void {
  bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
}

function encodeNames(names: readonly string[]): Uint8Array {
  const encoded = names.map((name) => new TextEncoder().encode(name));
  return Uint8Array.from(encoded.flatMap((name) => [name.length, ...name]));
}

function decodeNames(bytes: Uint8Array, count: number): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const names: string[] = [];
  let at = 0;
  for (let name = 0; name < count; name++) {
    const length = bytes[at] ?? 0;
    if (length === 0 || at + 1 + length > bytes.length) throw new HashIndexError('snapshot.content');
    names.push(decoder.decode(bytes.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  if (bytes.subarray(at).some((byte) => byte !== 0)) throw new HashIndexError('snapshot.content');
  return names;
}

function writeHeader(bytes: Uint8Array<ArrayBuffer>, header: Header, total: number): void {
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, header.bytes, true);
  view.setUint32(16, header.rows, true);
  view.setUint32(20, header.parts, true);
  view.setUint32(24, header.address, true);
  view.setUint32(28, header.bankCount, true);
  view.setUint32(32, header.shard.index, true);
  view.setUint32(36, header.shard.of, true);
  view.setBigUint64(40, BigInt(total), true);
}

/** The header, once magic, version and length are as they must be; nothing else is believed before the checksum. */
function readHeader(bytes: Uint8Array): Header {
  if (MAGIC.some((byte, at) => bytes[at] !== byte)) throw new HashIndexError('snapshot.magic');
  if (bytes.length < FIXED_BYTES) throw new HashIndexError('snapshot.length');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (at: number) => view.getUint32(at, true);
  if (field(8) !== VERSION) throw new HashIndexError('snapshot.version');
  const header: Header = {
    bytes: field(12),
    rows: field(16),
    parts: field(20),
    address: field(24),
    bankCount: field(28),
    shard: { index: field(32), of: field(36) },
  };
  const sane =
    header.rows <= MAX_ROWS && header.parts <= 32 && header.address <= 16 && header.bytes % 32 === 0;
  const { total } = sections(header);
  if (!sane || bytes.length !== total || view.getBigUint64(40, true) !== BigInt(total)) {
    throw new HashIndexError('snapshot.length');
  }
  return header;
}

function planIn({ parts, address, rows }: Header): readonly Part[] {
  if (parts === 0 && address === 0) return planFor(rows);
  if (parts !== 16 || address < 8) throw new HashIndexError('snapshot.content');
  return Array.from({ length: parts }, () => ({ width: 16, address }));
}

function shardIn({ shard }: Header): Shard {
  if (shard.of < 1 || shard.of > MAX_SHARDS || shard.index >= shard.of)
    throw new HashIndexError('snapshot.content');
  return shard;
}

function banksIn(bytes: Uint8Array, header: Header): Banks {
  try {
    return new Banks(decodeNames(bytes.subarray(FIXED_BYTES, header.bytes), header.bankCount));
  } catch {
    throw new HashIndexError('snapshot.content');
  }
}

/** Throws a `snapshot.*` code for anything but bytes that `writeSnapshot` made, and `index.full` for want of memory. */
export function readSnapshot(module: WebAssembly.Module, bytes: Uint8Array) {
  const header = readHeader(bytes);
  const at = sections(header);
  const stamp = new DataView(bytes.buffer, bytes.byteOffset + at.checksum, 8).getBigUint64(0, true);
  if (new Engine(module, []).checksum(bytes.subarray(0, at.checksum)) !== stamp) {
    throw new HashIndexError('snapshot.checksum');
  }
  const shard = shardIn(header);
  const banks = banksIn(bytes, header);
  const engine = new Engine(module, planIn(header));
  const rows = {
    ids: takeColumn(bytes, at.ids, header.rows),
    banks: takeColumn(bytes, at.banks, header.rows),
    hashes: bytes.subarray(at.hashes, at.hashes + HASH_BYTES * header.rows),
  };
  const good = header.parts === 0 ? engine.load(rows, banks.all) : engine.fillRows(rows, banks.all);
  if (!good) throw new HashIndexError('snapshot.content');
  if (header.parts > 0) engine.openLists();
  for (let part = 0; part < header.parts; part++) {
    const sizes = at.lists + part * at.listBytes;
    const block = bytes.subarray(sizes + at.sizeBytes, sizes + at.sizeBytes + 5 * header.rows);
    if (!engine.adoptList(part, bytes.subarray(sizes, sizes + at.sizeBytes), block)) {
      throw new HashIndexError('snapshot.content');
    }
  }
  return { engine, banks, shard };
}

/** A copy, because a snapshot may begin at any address. */
function takeColumn(bytes: Uint8Array, at: number, count: number): Uint32Array {
  return new Uint32Array(bytes.slice(at, at + 4 * count).buffer);
}
