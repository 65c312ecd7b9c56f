import { createHash, randomFillSync, timingSafeEqual } from 'node:crypto';
import { writeSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Queries, Tx } from '../platform/database.ts';
import { uuidBytes } from './uuid.ts';

/*
 * Half-keys lie in one file of fixed slots: blob id (16) ‖ half-key (32) ‖ check (16). To destroy one is to overwrite its slot
 * with random bytes and to flush, before anybody is told that it is gone. A database could not do it: PostgreSQL keeps
 * old row versions, a write-ahead log and whatever was backed up of them (ADR 8).
 */

const slotBytes = 64;
const keyBytes = 32;
const idBytes = 16;

const checkOf = (id: Uint8Array, ks: Uint8Array): Buffer =>
  createHash('sha256').update('accord/half-key/1\0').update(id).update(ks).digest().subarray(0, 16);

/** Slots that one search for a free one looks at. */
const windowSlots = 256;
/** Slots overwritten before others get a turn. */
const slotsInARow = 4000;

export class HalfKeys {
  readonly #db: Database;
  readonly #file: FileHandle;
  #cursor = 0;
  #flushing: Promise<unknown> = Promise.resolve();
  #nextFlush: Promise<void> | undefined;

  private constructor(db: Database, file: FileHandle) {
    this.#db = db;
    this.#file = file;
  }

  /** Opens the file in the data folder, or makes it. */
  static async open(db: Database, dataFolder: string): Promise<HalfKeys> {
    const folder = join(dataFolder, 'half-keys');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'slots');
    const file = await open(path, 'r+').catch(async (error: { code?: string }) => {
      if (error.code !== 'ENOENT') throw error;
      await (await open(path, 'a', 0o600)).close();
      return open(path, 'r+');
    });
    return new HalfKeys(db, file);
  }

  /**
   * Stores a half-key; it is on the disk when this resolves. Its slot is taken in a transaction of its own, before the file
   * is written: whatever happens then, there is never a second copy that nobody knows of.
   */
  async store(blobId: string, ks: Uint8Array, now: number): Promise<void> {
    const slot = await this.#slotFor(blobId, new Date(now));
    const id = uuidBytes(blobId);
    const bytes = Buffer.concat([id, ks, checkOf(id, ks)]);
    await this.#file.write(bytes, 0, slotBytes, slot * slotBytes);
    bytes.fill(0);
    await this.#flush();
  }

  async #slotFor(blobId: string, reservedAt: Date): Promise<number> {
    for (;;) {
      const known = await this.#db
        .selectFrom('half_key')
        .select('slot')
        .where('blob_id', '=', blobId)
        .executeTakeFirst();
      if (known !== undefined) return known.slot;
      // Each search begins at a place of its own, so that many at once do not all want the same slot.
      const from = this.#cursor;
      this.#cursor += 1;
      const { rows } = await sql<{ slot: number }>`
        insert into half_key (slot, blob_id, reserved_at)
        select s, ${blobId}::uuid, ${reservedAt}::timestamptz
        from generate_series(${from}::int, ${from + windowSlots - 1}::int) s
        where not exists (select from half_key h where h.slot = s) limit 1
        on conflict do nothing returning slot`.execute(this.#db);
      const taken = rows[0]?.slot;
      if (taken !== undefined) {
        this.#cursor = Math.max(this.#cursor, taken + 1);
        return taken;
      }
      // The window is full, or somebody was faster: the former is passed over, the latter tried again.
      const { rows: free } = await sql<{ any: boolean }>`
        select exists (select from generate_series(${from}::int, ${from + windowSlots - 1}::int) s
          where not exists (select from half_key h where h.slot = s)) as any`.execute(this.#db);
      if (free[0]?.any !== true) this.#cursor = Math.max(this.#cursor, from + windowSlots);
    }
  }

  /** Begins the search for free slots anew: what was destroyed is used again, and the file does not grow without end. */
  rewind(): void {
    this.#cursor = 0;
  }

  /** A picture's half-key; undefined where it was destroyed. */
  async read(queries: Queries, blobId: string): Promise<Buffer | undefined> {
    const row = await queries
      .selectFrom('half_key')
      .select('slot')
      .where('blob_id', '=', blobId)
      .executeTakeFirst();
    return this.#readSlot(row, blobId);
  }

  /** The same for who is about to hand it out: nobody destroys it before `tx` ends, so that none is handed out afterwards. */
  async hold(tx: Tx, blobId: string): Promise<Buffer | undefined> {
    const row = await tx
      .selectFrom('half_key')
      .select('slot')
      .where('blob_id', '=', blobId)
      .forKeyShare()
      .executeTakeFirst();
    return this.#readSlot(row, blobId);
  }

  async #readSlot(row: { readonly slot: number } | undefined, blobId: string): Promise<Buffer | undefined> {
    if (row === undefined) return undefined;
    const bytes = Buffer.alloc(slotBytes);
    const { bytesRead } = await this.#file.read(bytes, 0, slotBytes, row.slot * slotBytes);
    const id = bytes.subarray(0, idBytes);
    const ks = bytes.subarray(idBytes, idBytes + keyBytes);
    const whole =
      bytesRead === slotBytes && timingSafeEqual(checkOf(id, ks), bytes.subarray(idBytes + keyBytes));
    return whole && id.equals(uuidBytes(blobId)) ? ks : undefined;
  }

  /**
   * Destroys half-keys: overwritten and flushed when this resolves. The rows are locked until `tx` ends, so that no slot gets
   * its next half-key before. Returns the blobs that had one.
   */
  async destroy(tx: Tx, blobIds: readonly string[]): Promise<string[]> {
    if (blobIds.length === 0) return [];
    const { rows } = await sql<{ slot: number; blob_id: string }>`
      delete from half_key where blob_id = any(${blobIds}::uuid[]) returning slot, blob_id`.execute(tx);
    await this.#overwrite(rows.map((row) => row.slot));
    return rows.map((row) => row.blob_id);
  }

  /** The same for all the blobs that `which` selects; returns how many had one. */
  async destroyThose(tx: Tx, which: RawBuilder<unknown>): Promise<number> {
    // As bytes in one row: a hundred thousand rows take longer to come than to be overwritten.
    const { rows } = await sql<{ slots: Buffer | null }>`
      with gone as (delete from half_key where blob_id in (${which}) returning slot)
      select string_agg(int4send(slot), '') as slots from gone`.execute(tx);
    const bytes = rows[0]?.slots ?? Buffer.alloc(0);
    const slots = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32BE(4 * at));
    await this.#overwrite(slots);
    return slots.length;
  }

  async #overwrite(slots: readonly number[]): Promise<void> {
    if (slots.length === 0) return;
    const sorted = Uint32Array.from(slots).sort();
    const noise = Buffer.alloc(slotsInARow * slotBytes);
    let since = 0;
    for (let from = 0; from < sorted.length; ) {
      const first = sorted[from] as number;
      let count = 1;
      while (count < slotsInARow && sorted[from + count] === first + count) count += 1;
      randomFillSync(noise, 0, count * slotBytes);
      writeSync(this.#file.fd, noise, 0, count * slotBytes, first * slotBytes);
      from += count;
      since += 1;
      if (since % slotsInARow === 0) await turn();
    }
    await this.#flush();
  }

  /** One flush serves all who asked before it began. */
  #flush(): Promise<void> {
    this.#nextFlush ??= this.#flushing
      .catch(() => {})
      .then(() => {
        this.#nextFlush = undefined;
        const flush = this.#file.datasync();
        this.#flushing = flush;
        return flush;
      });
    return this.#nextFlush;
  }

  async close(): Promise<void> {
    await this.#flushing.catch(() => {});
    await this.#file.close();
  }
}
