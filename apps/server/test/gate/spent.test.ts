import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { spend, spentPurges } from '../../src/gate/spent.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { freshDatabase } from '../support.ts';

it('a spent proof is not absent for a moment while all are written anew, and a backup holds nobody up', async () => {
  await using database = await freshDatabase();
  const { db, pool } = database;
  const platform = { db } as Platform;
  const now = Date.parse('2026-11-23T12:00:00Z');
  const proofs = Array.from({ length: 200 }, () => ({ tag: randomBytes(32), notAfter: now }));
  for (const proof of proofs) expect(await spend(platform, proof)).toBe(true);
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
  await purge();
  expect(await spend(platform, later)).toBe(false);
});
