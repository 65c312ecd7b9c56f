import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HalfKeys } from '../../src/media/half-keys.ts';
import { type FreshDatabase, freshDatabase } from '../support.ts';

let database: FreshDatabase;
let folder: string;
let halfKeys: HalfKeys;
beforeAll(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'accord-half-keys-'));
  halfKeys = await HalfKeys.open(database.db, folder);
});
afterAll(async () => {
  await halfKeys.close();
  await database.close();
  await rm(folder, { recursive: true });
});

const file = () => readFile(join(folder, 'half-keys', 'slots'));
const destroy = (...ids: string[]) => database.db.transaction().execute((tx) => halfKeys.destroy(tx, ids));
const store = async () => {
  const one = { id: randomUUID(), ks: randomBytes(32) };
  await halfKeys.store(one.id, one.ks, Date.now());
  return one;
};
const slotsInUse = async () => {
  const { rows } = await database.pool.query<{ slot: number }>('select slot from half_key order by slot');
  return rows.map(({ slot }) => slot);
};

describe('a half-key', () => {
  it('is in its file alone, and in no bytes of it once destroyed', async () => {
    const kept = await store();
    const gone = await store();
    const { rows } = await database.pool.query<{ all: string }>('select half_key::text as all from half_key');
    for (const { ks } of [kept, gone]) {
      expect((await file()).includes(ks)).toBe(true);
      expect(rows.some(({ all }) => all.includes(ks.toString('hex')))).toBe(false);
    }
    expect(await destroy(gone.id, randomUUID())).toEqual([gone.id]);
    const left = await file();
    expect(left.includes(gone.ks)).toBe(false);
    for (let at = 0; at + 8 <= gone.ks.length; at += 8) {
      expect(left.includes(gone.ks.subarray(at, at + 8))).toBe(false);
    }
    expect(await halfKeys.read(database.db, gone.id)).toBeUndefined();
    expect(await halfKeys.read(database.db, kept.id)).toEqual(kept.ks);
  });

  it('is found by another process, and by the next', async () => {
    const one = await store();
    const other = await HalfKeys.open(database.db, folder);
    expect(await other.read(database.db, one.id)).toEqual(one.ks);
    await other.close();
  });

  it('stored again under the same name takes the place of the first: there is never a second copy', async () => {
    const one = await store();
    const ks = randomBytes(32);
    await halfKeys.store(one.id, ks, Date.now());
    const bytes = await file();
    expect([bytes.includes(one.ks), bytes.includes(ks)]).toEqual([false, true]);
    expect(await destroy(one.id)).toEqual([one.id]);
    expect((await file()).includes(ks)).toBe(false);
  });

  it('is read for no other picture: a row that points to a foreign slot gives nothing', async () => {
    const [one, other] = [await store(), await store()];
    await database.pool.query('delete from half_key where blob_id = $1', [other.id]);
    await database.pool.query('update half_key set blob_id = $2 where blob_id = $1', [one.id, other.id]);
    expect(await halfKeys.read(database.db, other.id)).toBeUndefined();
    expect(await halfKeys.read(database.db, one.id)).toBeUndefined();
  });
});

describe('slots', () => {
  it('are each one picture’s, however many processes store at once, and are used again', async () => {
    const second = await HalfKeys.open(database.db, folder);
    const stores = Array.from({ length: 300 }, async (_, i) => {
      const one = { id: randomUUID(), ks: randomBytes(32) };
      await (i % 2 === 0 ? halfKeys : second).store(one.id, one.ks, Date.now());
      return one;
    });
    const stored = await Promise.all(stores);
    for (const { id, ks } of stored) {
      expect(await second.read(database.db, id)).toEqual(ks);
    }
    const slots = await slotsInUse();
    expect(new Set(slots).size).toBe(slots.length);
    const { size } = await stat(join(folder, 'half-keys', 'slots'));
    await destroy(...stored.map(({ id }) => id));
    const bytes = await file();
    expect(stored.filter(({ ks }) => bytes.includes(ks))).toEqual([]);
    halfKeys.rewind();
    for (let i = 0; i < 200; i += 1) await store();
    expect((await stat(join(folder, 'half-keys', 'slots'))).size).toBe(size);
    await second.close();
  });
});
