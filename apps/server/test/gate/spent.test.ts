import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { spend, spentPurges } from '../../src/gate/spent.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { freshDatabase } from '../support.ts';

it('spent proofs are written anew in the order of their tags by one transaction, absent for no moment, beside a backup', async () => {
  await using database = await freshDatabase();
  const { db, pool } = database;
  const platform = { db } as Platform;
  let now = Date.parse('2026-11-23T12:00:00Z');
  const proofs = Array.from({ length: 200 }, () => ({ tag: randomBytes(32), notAfter: now }));
  for (const proof of proofs) expect(await spend(platform, proof)).toBe(true);
  const inPlace = async () => {
    const { rows } = await pool.query<{ tag: string; xmin: string }>(
      "select encode(tag, 'hex') as tag, xmin::text from proof_spent order by ctid",
    );
    return { tags: rows.map(({ tag }) => tag), writers: new Set(rows.map(({ xmin }) => xmin)).size };
  };
  // Of any two rows, one was written first, as was one of those of the accounts.
  expect((await inPlace()).writers).toBe(200);
  const reader = await pool.connect();
  await reader.query('begin isolation level repeatable read read only');
  await reader.query('select from proof_spent limit 1');
  const again = proofs.map((proof) => spend(platform, proof));
  const purges = spentPurges(platform);
  const purge = async () => {
    for (const one of purges) await one.run(now);
  };
  const [outcomes] = await Promise.all([Promise.all(again), purge()]);
  expect(outcomes).not.toContain(true);
  const later = { tag: randomBytes(32), notAfter: now };
  expect(await spend(platform, later)).toBe(true);
  // What a backup reads is of its own moment.
  expect((await reader.query('select from proof_spent')).rowCount).toBe(200);
  await reader.query('commit');
  reader.release();
  now += 3_600_000;
  await purge();
  expect(await spend(platform, later)).toBe(false);
  const { tags, writers } = await inPlace();
  expect([tags.length, writers]).toEqual([201, 1]);
  expect(tags).toEqual([...tags].sort());
});
