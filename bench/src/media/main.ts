/**
 * How long it takes until pictures are gone: single ones among many, then everything that one account ever sent. The half-keys
 * are overwritten and on the disk when the answer comes; "gone" is looked up in the file and in the tables, not believed. What
 * follows the answer is waited for, too.
 *
 *   node bench/src/media/main.ts [--copies=100000]
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sessionCookie } from '@accord/protocol';
import pg from 'pg';
import { databaseOf } from '../chat/accord.ts';
import { freePort, startChild } from '../chat/child.ts';
import { seed } from '../chat/seed.ts';

const option = (name: string, otherwise: number): number =>
  Number(
    process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise,
  );

const copies = option('copies', 100_000);
const receivers = 100;
const slotBytes = 64;
const root = resolve(import.meta.dirname, '../../..');

const data = await mkdtemp(join(tmpdir(), 'accord-bench-'));
await chmod(data, 0o711);
const url = `http://127.0.0.1:${await freePort()}`;
const env = {
  PATH: process.env.PATH,
  ACCORD_DATA: data,
  ACCORD_PUBLIC_URL: url,
  ACCORD_LOG_LEVEL: 'warn',
  ACCORD_RATE_LIMITS: 'false',
};
const server = await startChild(
  process.execPath,
  [join(root, 'apps/server/src/main.ts')],
  env,
  /http:\/\//,
  240_000,
);
const { settings } = await databaseOf(data);
const pairs = Array.from({ length: receivers }, (_, i) => [0, i + 1] as const);
const people = await seed(settings, { clients: receivers + 1, pairs, contactsOf: () => [] });
const client = new pg.Client(settings);
await client.connect();
const slotsFile = join(data, 'half-keys', 'slots');

/** Pictures of the first account, each to one of the others, straight into the tables and the file. */
async function fill(): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    'select account_id as id from session order by token_hash',
  );
  const { rows: owners } = await client.query<{ id: string }>(
    'select one_id as id from conversation group by one_id order by count(*) desc limit 1',
  );
  const owner = owners[0]?.id;
  const others = rows.map(({ id }) => id).filter((id) => id !== owner);
  await client.query('begin');
  await client.query(
    `insert into media_blob (id, owner_id, size, cth, received, complete, begun_at)
     select gen_random_uuid(), $1, 200000, sha256(n::text::bytea), 200000, true, now() from generate_series(1, $2) n`,
    [owner, copies],
  );
  await client.query(
    `insert into picture (blob_id, owner_id, purpose, depicts, max_views, created_at)
     select id, owner_id, 'send', 'me', 3, now() from media_blob`,
  );
  await client.query(
    `insert into picture_receiver (blob_id, account_id, accepted_at)
     select blob_id, ($1::uuid[])[1 + (row_number() over ()) % $2], now() from picture`,
    [others, others.length],
  );
  await client.query(
    `insert into half_key (slot, blob_id, reserved_at)
     select row_number() over (order by random()) - 1, blob_id, now() from picture`,
  );
  await client.query('commit');
  await client.query('analyze');
  const file = await open(slotsFile, 'r+');
  await file.writeFile(randomBytes(copies * slotBytes));
  await file.sync();
  await file.close();
}

const owner = people[0];
const call = async (path: string): Promise<number> => {
  const started = performance.now();
  const answer = await fetch(url + path, {
    method: 'DELETE',
    headers: { origin: url, cookie: `${sessionCookie}=${owner?.token}` },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
  return performance.now() - started;
};
const left = async () =>
  Number((await client.query<{ n: string }>('select count(*) as n from half_key')).rows[0]?.n);

await fill();
const before = await readFile(slotsFile);
const { rows: some } = await client.query<{ id: string }>('select blob_id as id from picture limit 101');
const single: number[] = [];
for (const { id } of some) single.push(await call(`/api/media/pictures/${id}`));
single.sort((one, other) => one - other);
console.log(
  `one picture among ${copies}: median ${single[50]?.toFixed(1)} ms, p99 ${single[99]?.toFixed(1)} ms; ${copies - (await left())} half-keys gone`,
);

/** Slots of the file that are as they were. */
async function untouched(): Promise<number> {
  const after = await readFile(slotsFile);
  let same = 0;
  for (let at = 0; at < before.length; at += slotBytes) {
    if (before.subarray(at, at + slotBytes).equals(after.subarray(at, at + slotBytes))) same += 1;
  }
  return same;
}

const started = performance.now();
let darkAfter: number | undefined;
const answered = call('/api/media/pictures');
let waiting = true;
void answered.finally(() => {
  waiting = false;
});
while (waiting && darkAfter === undefined) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  if ((await untouched()) === 0) darkAfter = performance.now() - started;
}
const all = await answered;
console.log(
  `everything, ${copies - some.length} pictures to ${receivers} people: all half-keys overwritten after ${(darkAfter ?? all).toFixed(0)} ms, the answer after ${all.toFixed(0)} ms; ${await left()} half-keys left in the tables, ${await untouched()} in the file`,
);
const unmarked = async () =>
  Number(
    (
      await client.query<{ n: string }>(
        'select (select count(*) from picture where ended_at is null) + (select count(*) from picture_take_back) as n',
      )
    ).rows[0]?.n,
  );
while ((await unmarked()) > 0) await new Promise((resolve) => setTimeout(resolve, 100));
console.log(`every row marked and every receiver told after ${(performance.now() - started).toFixed(0)} ms`);
await client.end();
await server.stop();
await rm(data, { recursive: true, force: true });
