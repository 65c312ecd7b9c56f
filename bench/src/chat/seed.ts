import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Circle } from './subject.ts';

/** A client's account as the database knows it. */
export interface Seeded {
  readonly deviceId: string;
  /** The session's token, for the cookie. */
  readonly token: string;
  /** Group by contact. */
  readonly groups: ReadonlyMap<number, string>;
}

const filler = Buffer.alloc(32);
const hash = (token: string): Buffer => createHash('sha256').update(token).digest();
const quoted = (bytes: Buffer): string => `\\x${bytes.toString('hex')}`;

/**
 * Members with a device, a session and a proof of age, and a group of two for every pair of contacts, straight
 * into the tables: two thousand passkey ceremonies and twelve thousand MLS groups would measure other things.
 * The devices were seen within the hour, as after a restart. The groups' trees are empty; the server relays their messages without looking inside.
 */
export async function seed(settings: pg.ClientConfig, circle: Circle): Promise<Seeded[]> {
  const people = Array.from({ length: circle.clients }, () => ({
    accountId: randomUUID(),
    deviceId: randomUUID(),
    token: randomBytes(32).toString('base64url'),
    groups: new Map<number, string>(),
  }));
  const groups = circle.pairs.map(([one, other]) => {
    const id = randomUUID();
    people[one]?.groups.set(other, id);
    people[other]?.groups.set(one, id);
    return { id, one: people[one] as (typeof people)[0], other: people[other] as (typeof people)[0] };
  });
  const client = new pg.Client(settings);
  await client.connect();
  const accounts = people.map((each) => each.accountId);
  const devices = people.map((each) => each.deviceId);
  await client.query('begin');
  await client.query(
    `insert into account (id, pseudonym, pseudonym_key, identity_public_key, box_public_key, box_signature, created_at)
     select a, a::text, a::text, $2, $2, $2, now() from unnest($1::uuid[]) a`,
    [accounts, filler],
  );
  await client.query(
    'insert into profile (account_id, search_text) select a, a::text from unnest($1::uuid[]) a',
    [accounts],
  );
  await client.query(
    `insert into device (id, account_id, name, signature_public_key, certificate, added_at, last_seen_at)
     select d, a, 'bench', $3, $3, now(), now() from unnest($1::uuid[], $2::uuid[]) t(d, a)`,
    [devices, accounts, filler],
  );
  await client.query(
    `insert into passkey (credential_id, account_id, public_key, sign_count, transports, backed_up, added_at)
     select a::text, a, $2, 0, '{}', false, now() from unnest($1::uuid[]) a`,
    [accounts, filler],
  );
  await client.query(
    `insert into session (token_hash, account_id, device_id, credential_id, created_at, expires_at)
     select h, a, d, a::text, now(), now() + interval '30 days' from unnest($1::bytea[], $2::uuid[], $3::uuid[]) t(h, a, d)`,
    [people.map((each) => quoted(hash(each.token))), accounts, devices],
  );
  await client.query(
    `insert into adult (account_id, until, method, policy, verified_on)
     select a, current_date + 30, 'test', 'test/1', current_date from unnest($1::uuid[]) a`,
    [accounts],
  );
  await client.query(
    `insert into conversation (id, one_id, other_id, created_at)
     select g, a, b, now() from unnest($1::uuid[], $2::uuid[], $3::uuid[]) t(g, a, b)`,
    [groups.map((g) => g.id), groups.map((g) => g.one.accountId), groups.map((g) => g.other.accountId)],
  );
  await client.query(
    `insert into mls_group (id, conversation_id, epoch, group_info, changed_at)
     select g, g, 1, $2, now() - interval '1 day' from unnest($1::uuid[]) g`,
    [groups.map((g) => g.id), filler],
  );
  for (const [leaf, side] of (['one', 'other'] as const).entries()) {
    await client.query(
      `insert into group_member (group_id, device_id, account_id, leaf, joined_epoch)
       select g, d, a, $4, 1 from unnest($1::uuid[], $2::uuid[], $3::uuid[]) t(g, d, a)`,
      [
        groups.map((g) => g.id),
        groups.map((g) => g[side].deviceId),
        groups.map((g) => g[side].accountId),
        leaf,
      ],
    );
  }
  // They have all written before: a device's mark is made once in its life.
  await client.query(
    'insert into send_mark (device_id, n, before) select d, 0, 0 from unnest($1::uuid[]) d',
    [devices],
  );
  await client.query('commit');
  await client.query('analyze');
  await client.end();
  return people;
}
