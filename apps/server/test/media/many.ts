import { randomBytes } from 'node:crypto';
import { open as openFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';

const slotBytes = 64;

interface Many {
  readonly ownerId: string;
  /** They take turns. */
  readonly receiverIds: readonly string[];
  readonly copies: number;
  /** The data folder. */
  readonly data: string;
}

/**
 * Pictures of one account, straight into the tables and into the file of half-keys, where random bytes stand for them, in
 * no order. For what takes too many for the way of a person.
 */
export async function manyPictures(
  client: pg.ClientBase,
  { ownerId, receiverIds, copies, data }: Many,
): Promise<void> {
  const path = join(data, 'half-keys', 'slots');
  const first = (await stat(path)).size / slotBytes;
  await client.query(
    `with blob as (
       insert into media_blob (id, owner_id, size, cth, received, complete, begun_at)
       select gen_random_uuid(), $1, 200000, sha256(n::text::bytea), 200000, true, now() from generate_series(1, $2) n
       returning id
     ), picture as (
       insert into picture (blob_id, owner_id, purpose, depicts, max_views, created_at)
       select id, $1, 'send', 'me', 3, now() from blob returning blob_id
     ), receiver as (
       insert into picture_receiver (blob_id, account_id, accepted_at)
       select blob_id, ($3::uuid[])[1 + (row_number() over ())::int % cardinality($3::uuid[])], now() from picture
     )
     insert into half_key (slot, blob_id, reserved_at)
     select $4::int + row_number() over (order by random()) - 1, blob_id, now() from picture`,
    [ownerId, copies, receiverIds, first],
  );
  const file = await openFile(path, 'r+');
  await file.write(randomBytes(copies * slotBytes), 0, copies * slotBytes, first * slotBytes);
  await file.sync();
  await file.close();
}
