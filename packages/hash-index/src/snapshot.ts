import { Banks } from './banks.ts';
import { Engine, type Read, stripes } from './engine.ts';
import { HashIndexError } from './errors.ts';
import { type Part, planFor } from './plan.ts';
import { HASH_BYTES, inOrderOfIds, live, type Rows } from './rows.ts';

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

/** The bytes of a snapshot, wherever they lie. */
export interface SnapshotSource {
  readonly length: number;
  /** Fills `into` with the next bytes, all of it. */
  readonly read: Read;
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
  const banks = ids + stripes(4 * rows);
  const hashes = banks + stripes(4 * rows);
  const lists = hashes + HASH_BYTES * rows;
  const sizeBytes = 4 * 2 ** address;
  const listBytes = sizeBytes + stripes(5 * rows);
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
  const rows = engine.tidy ? undefined : inOrderOfIds(live(engine.dumpRows()));
  const names = encodeNames(banks.names);
  const address = engine.parts[0]?.address ?? 0;
  const header: Header = {
    bytes: stripes(FIXED_BYTES + names.length),
    rows: engine.size,
    parts: lists ? engine.parts.length : 0,
    address: lists ? address : 0,
    shard,
    bankCount: banks.names.length,
  };
  const at = sections(header);
  const bytes = new Uint8Array(at.total);
  writeHeader(bytes, header, at.total);
  bytes.set(names, FIXED_BYTES);
  const columns: Rows = {
    ids: new Uint32Array(bytes.buffer, at.ids, header.rows),
    banks: new Uint32Array(bytes.buffer, at.banks, header.rows),
    hashes: bytes.subarray(at.hashes, at.hashes + HASH_BYTES * header.rows),
  };
  if (rows) {
    columns.ids.set(rows.ids);
    columns.banks.set(rows.banks);
    columns.hashes.set(rows.hashes);
  } else engine.copyRows(columns);
  for (let part = 0; part < header.parts; part++) {
    const { sizes, block } = engine.list(part, address);
    bytes.set(sizes, at.lists + part * at.listBytes);
    bytes.set(block, at.lists + part * at.listBytes + at.sizeBytes);
  }
  const checksum = engine.checksum(bytes.subarray(0, at.checksum));
  new DataView(bytes.buffer).setBigUint64(at.checksum, checksum, true);
  return bytes;
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
function readHeader(bytes: Uint8Array, length: number): Header {
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
    header.rows <= MAX_ROWS &&
    header.parts <= 32 &&
    header.address <= 16 &&
    header.bytes >= FIXED_BYTES &&
    header.bytes % 32 === 0;
  const { total } = sections(header);
  if (!sane || length !== total || view.getBigUint64(40, true) !== BigInt(total)) {
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

function banksIn(names: Uint8Array, header: Header): Banks {
  try {
    return new Banks(decodeNames(names, header.bankCount));
  } catch {
    throw new HashIndexError('snapshot.content');
  }
}

function sourceOf(bytes: Uint8Array): SnapshotSource {
  let at = 0;
  return {
    length: bytes.length,
    read: (into) => {
      into.set(bytes.subarray(at, at + into.length));
      at += into.length;
    },
  };
}

/** Throws a `snapshot.*` code for anything but bytes that `writeSnapshot` made, and `index.full` for want of memory. */
export function readSnapshot(module: WebAssembly.Module, snapshot: Uint8Array | SnapshotSource) {
  const { length, read } = snapshot instanceof Uint8Array ? sourceOf(snapshot) : snapshot;
  const next = (bytes: number): Uint8Array<ArrayBuffer> => {
    const piece = new Uint8Array(bytes);
    read(piece);
    return piece;
  };
  const fixed = next(Math.min(FIXED_BYTES, length));
  const header = readHeader(fixed, length);
  const names = next(header.bytes - FIXED_BYTES);
  const engine = new Engine(module, planIn(header));
  engine.beginIntake(Uint8Array.from([...fixed, ...names]));
  engine.takeRows(header.rows, read);
  if (header.parts > 0) engine.openLists();
  let fits = true;
  for (let part = 0; part < header.parts; part++) {
    fits = engine.takeList(part, header.address, read) && fits;
  }
  const stamp = new DataView(next(8).buffer).getBigUint64(0, true);
  if (engine.intakeDigest() !== stamp) throw new HashIndexError('snapshot.checksum');
  const shard = shardIn(header);
  const banks = banksIn(names, header);
  if (!fits || !engine.sealRows(banks.all)) throw new HashIndexError('snapshot.content');
  if (header.parts === 0) engine.lay();
  return { engine, banks, shard };
}
