import { type ItemKind, itemKinds, type SendRefusal, writeUuid } from '@accord/protocol/socket';
import type pg from 'pg';
import { binaryArray, putCount, Statement } from './statement.ts';

/** One message to store for the other devices of a group. */
export interface Send {
  readonly deviceId: string;
  readonly n: number;
  /** The lowest `n` of the device that it may still send again. */
  readonly oldest: number;
  readonly groupId: string;
  readonly epoch: number;
  readonly body: Uint8Array;
  /** `franked`: the body begins with the service's tag. A message without a commitment by default. */
  readonly kind?: Extract<ItemKind, 'message' | 'franked'>;
}

/** What became of a send. `epoch` is the group's, where the sender may know it, else 0. */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly at: number }
  | { readonly kind: 'refused'; readonly code: SendRefusal; readonly epoch: number };

/** An inbox row that a batch wrote. `send` is the send's place in the batch. */
interface Delivered {
  readonly send: number;
  readonly deviceId: string;
  readonly id: bigint;
}

export interface StoredBatch {
  /** By place in the batch. */
  readonly outcomes: readonly SendOutcome[];
  /** In the order of the batch, which is that of the ids. */
  readonly delivered: readonly Delivered[];
  /** Places of sends that were stored by an earlier try, whose receivers may not have been told. */
  readonly repeated: readonly number[];
  /** Groups that took a commit a moment ago: their items must be read from the table, in order. */
  readonly unsettled: ReadonlySet<string>;
}

/** Seconds for which a group counts as unsettled: far more than a commit's news takes to reach every process. */
const settleSeconds = 10;

/** Batches of a device whose instants are kept while it may send them again; it has no more sends than that on their way. */
const keptBatches = 32;

/** What is told of a send beside refusals. */
const unsettledMark = -2;
const repeatedMark = -3;

/**
 * The refusals' places in the protocol's `sendRefusals`; -1 is none. A member that is `leaving` sends no more,
 * and finds no group, as a stranger does.
 *
 * - `limit` and `offset` in the laterals keep the planner to one look-up a send: a hash of the whole table would
 *   win by its estimates and lose by its size.
 * - `generate_series` instead of `unnest`: the planner takes it for 1000 rows and hashes what it joins, where it
 *   would take an array of unknown length for 10 and compare every send with every mark.
 * - The marks are written in the order of their ids, so that two processes wait for each other and never cross.
 * - `before` is what the mark was when the row was locked, which a snapshot alone could not tell.
 * - A resend is answered with the instant of the batch that stored it first: the device says in `oldest` what it may
 *   still send again, so a mark mostly keeps one instant. `since` of the row that is not inserted carries it.
 * - Ids are drawn before the insert, in order, because an insert returns nothing but its own columns.
 */
const text = `
with item as materialized (
  select i, ($1::uuid[])[i] as sender, ($2::uuid[])[i] as group_id,
         ($3::bigint[])[3 * i - 2] as n, ($3::bigint[])[3 * i - 1] as oldest, ($3::bigint[])[3 * i] as epoch,
         ($4::int[])[3 * i - 2] as kind, ($4::int[])[3 * i - 1] as start, ($4::int[])[3 * i] as length
  from generate_series(1, $5::int) as i
), judged as materialized (
  select item.*, me.account_id, g.epoch as current,
         g.changed_at > now() - interval '${settleSeconds} seconds' as unsettled,
         case when me.device_id is null or me.leaving or g.closed then 1
              when g.evicting then 3
              when item.epoch not between g.epoch - 1 and g.epoch then 2
              else -1 end as refusal
  from item
  left join lateral (
    select * from group_member m where m.group_id = item.group_id and m.device_id = item.sender limit 1
  ) me on true
  left join lateral (select * from mls_group where id = me.group_id limit 1) g on true
), mark as (
  insert into send_mark as m (device_id, n, before, since, at)
  select sender, max(n), 0, min(oldest) - 1, $8::bigint
  from judged where refusal < 0 group by sender order by sender
  on conflict (device_id) do update set
    before = m.n,
    n = greatest(m.n, excluded.n),
    since = case when excluded.n > m.n then m.n else m.since end,
    at = case when excluded.n > m.n then excluded.at else m.at end,
    earlier = case
      when excluded.n <= m.n then m.earlier
      when excluded.since < m.n
        then (m.earlier || array[m.n, m.at])[coalesce(array_length(m.earlier, 1), 0) - ${2 * keptBatches - 3} :]
    end
  returning device_id, before, since, at, earlier
), fan as materialized (
  select nextval('inbox_id_seq') as id, t.* from (
    select j.i, o.device_id, j.group_id, j.epoch, j.start, j.length, j.kind
    from judged j
    join mark on mark.device_id = j.sender
    cross join lateral (
      select * from group_member m
      where m.group_id = j.group_id and m.device_id <> j.sender and m.joined_epoch <= j.epoch
        and not exists (select from block b where b.blocker_id = m.account_id and b.blocked_id = j.account_id)
      offset 0
    ) o
    where j.refusal < 0 and j.n > mark.before
    order by j.i
  ) t
), stored as (
  insert into inbox (device_id, id, kind, group_id, epoch, at, body) overriding system value
  select device_id, id, kind, group_id, epoch, $6::timestamptz, substring($7::bytea from start + 1 for length)
  from fan
)
select i, id, device_id, null::int as refusal, null::bigint as current from fan
union all select i, null, null, refusal, current from judged where refusal >= 0
union all select i, null, null, ${unsettledMark}, null from judged where unsettled
union all select j.i, null, null, ${repeatedMark}, case when j.n > mark.since then mark.at else (
    select mark.earlier[k + 1] from generate_series(1, array_length(mark.earlier, 1), 2) k
    where mark.earlier[k] >= j.n order by k limit 1
  ) end
  from judged j join mark on mark.device_id = j.sender where j.refusal < 0 and j.n <= mark.before`;

/** A row for each item that was stored, and one for each thing worth telling beside: mostly none. */
type Row = [
  place: string,
  id: string | null,
  deviceId: string | null,
  told: string | null,
  /** The group's epoch, or a repeated send's first instant. */
  number: string | null,
];

const statement = new Statement<Row>('accord_store_batch', text);

/** Settings of a connection that stores batches: one plan, made once, that goes by the indexes. */
export const sendSettings =
  'set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_bitmapscan = off; set jit = off';

/**
 * Stores a batch with one statement, which is one transaction: when it returns, what it answers as sent is on
 * the disk. Of one device, the batch must have rising `n`. Who may send, the rule of epochs, what was stored
 * before and who blocked whom are all judged by the statement itself.
 * @throws what the driver throws; then nothing of the batch is known to be stored
 */
export async function storeBatch(
  client: pg.ClientBase,
  sends: readonly Send[],
  at: number,
): Promise<StoredBatch> {
  const { rows } = await statement.run(client, parameters(sends, at));
  return judge(sends, at, rows);
}

/** All in binary: the numbers of a send stand next to each other, and all bodies are one value. */
function parameters(sends: readonly Send[], at: number): (string | Buffer)[] {
  const { length } = sends;
  const one = (i: number) => sends[i] as Send;
  const bodies = Buffer.allocUnsafe(sends.reduce((sum, { body }) => sum + body.length, 0));
  const places: number[] = [];
  let end = 0;
  for (const { kind, body } of sends) {
    places.push(itemKinds.indexOf(kind ?? 'message'), end, body.length);
    bodies.set(body, end);
    end += body.length;
  }
  const counts = sends.flatMap(({ n, oldest, epoch }) => [n, oldest, epoch]);
  return [
    binaryArray('uuid', length, (out, place, i) => writeUuid(out, place, one(i).deviceId)),
    binaryArray('uuid', length, (out, place, i) => writeUuid(out, place, one(i).groupId)),
    binaryArray('int8', counts.length, (out, place, i) => putCount(out, place, counts[i] as number)),
    binaryArray('int4', places.length, (out, place, i) => out.writeInt32BE(places[i] as number, place)),
    String(length),
    new Date(at).toISOString(),
    bodies,
    String(at),
  ];
}

const refusals: Readonly<Record<string, SendRefusal>> = {
  1: 'not_found',
  2: 'wrong_epoch',
  3: 'removal_pending',
};

function judge(sends: readonly Send[], at: number, rows: readonly Row[]): StoredBatch {
  const sent: SendOutcome = { kind: 'sent', at };
  const outcomes = new Array<SendOutcome>(sends.length).fill(sent);
  const delivered: Delivered[] = [];
  const repeated: number[] = [];
  const unsettled = new Set<string>();
  for (const [place, id, deviceId, word, number] of rows) {
    const send = Number(place) - 1;
    const told = word === null ? null : Number(word);
    if (id !== null && deviceId !== null) delivered.push({ send, deviceId, id: BigInt(id) });
    else if (told === unsettledMark) unsettled.add((sends[send] as Send).groupId);
    else if (told === repeatedMark) {
      repeated.push(send);
      const first = Number(number ?? 0);
      if (first > 0) outcomes[send] = { kind: 'sent', at: first };
    } else if (told !== null) {
      const code = refusals[told] ?? 'unavailable';
      outcomes[send] = { kind: 'refused', code, epoch: code === 'not_found' ? 0 : Number(number) };
    }
  }
  return { outcomes, delivered, repeated, unsettled };
}
