import { createHmac } from 'node:crypto';
import { ConfigError } from '../platform/config.ts';
import type { Database } from '../platform/database.ts';

const markOf = (pepper: Uint8Array): Buffer =>
  createHmac('sha256', pepper).update('accord/gate/pepper').digest();

/** Whether the database's proofs are under this pepper; null where none was used with it yet. */
export async function isOfPepper(db: Database, pepper: Uint8Array): Promise<boolean | null> {
  const row = await db.selectFrom('proof_pepper').select('mark').executeTakeFirst();
  return row === undefined ? null : row.mark.equals(markOf(pepper));
}

/** Takes a pepper for the database's from now on, where it has none. @throws {ConfigError} when it has another */
export async function holdTo(db: Database, pepper: Uint8Array, path: string): Promise<void> {
  await db
    .insertInto('proof_pepper')
    .values({ mark: markOf(pepper) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  if (await isOfPepper(db, pepper)) return;
  throw new ConfigError(
    `${path} is not the pepper that this database's proofs of age are under: bring that file, from where the database was served. If it is lost: npm run accord -- age pepper forget.`,
  );
}

/** Forgets what was spent under a pepper that is lost, so that another is taken. @returns how many proofs could be shown once more */
export async function forgetPepper(db: Database): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('proof_pepper').execute();
    const { numDeletedRows } = await tx.deleteFrom('proof_spent').executeTakeFirst();
    return Number(numDeletedRows);
  });
}
