import { setTimeout as sleep } from 'node:timers/promises';
import { type ItemKind, itemKinds, writeUuid } from '@accord/protocol/socket';
import type pg from 'pg';
import type { Platform } from '../platform/platform.ts';
import { Lane } from './lane.ts';
import type { DeliveryMetrics } from './metrics.ts';
import { binaryArray, Statement } from './statement.ts';

/** An item that waits for a device. */
export interface InboxItem {
  readonly id: bigint;
  readonly kind: ItemKind;
  readonly groupId: string;
  readonly epoch: number;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly body: Buffer;
}

export interface Page {
  readonly items: readonly InboxItem[];
  /** False when nothing was left behind these. */
  readonly more: boolean;
}

const pageItems = 200;
const pageBytes = 1024 * 1024;

/** The bodies before a row are summed so that a page of commits is no larger than one of messages. */
const pageText = `
select id, kind, group_id, epoch, at, body from (
  select id, kind, group_id, epoch, at, body,
         sum(octet_length(body)) over (order by id) - octet_length(body) as prior
  from inbox where device_id = $1 and id > $2 and id <> all($3::bigint[])
  order by id limit ${pageItems}
) waiting where prior < ${pageBytes} order by id`;

type PageRow = [id: string, kind: number, groupId: string, epoch: string, at: Date, body: Buffer];

/** What waits for a device behind `after`, in the order of ids, without the ids of `except`. At most about 1 MiB. */
export async function readPage(
  pool: pg.Pool,
  deviceId: string,
  after: bigint,
  except: Iterable<bigint>,
): Promise<Page> {
  const { rows } = await pool.query<PageRow>({
    name: 'accord_inbox_page',
    text: pageText,
    rowMode: 'array',
    values: [deviceId, String(after), `{${[...except].join(',')}}`],
  } as pg.QueryArrayConfig);
  const bytes = rows.reduce((sum, [, , , , , body]) => sum + body.length, 0);
  return {
    items: rows.map(([id, kind, groupId, epoch, at, body]) => ({
      id: BigInt(id),
      kind: itemKinds[kind] as ItemKind,
      groupId,
      epoch: Number(epoch),
      at: at.getTime(),
      body,
    })),
    more: rows.length === pageItems || bytes >= pageBytes,
  };
}

const deleteText = `
delete from inbox using (
  select ($1::uuid[])[i] as device_id, ($2::bigint[])[i] as id from generate_series(1, $3::int) as i
) acked where inbox.device_id = acked.device_id and inbox.id = acked.id`;

const deleteAcked = new Statement('accord_delete_acked', deleteText);

/** Deletes that are lost in a crash only deliver once more: they need not wait for the disk. */
const ackSettings =
  'set synchronous_commit = off; set plan_cache_mode = force_generic_plan; set enable_hashjoin = off; set enable_mergejoin = off; set enable_seqscan = off; set jit = off';

interface Acked {
  readonly deviceId: string;
  readonly ids: readonly bigint[];
  /** Called when the rows are gone, or were never there. */
  readonly done: () => void;
}

/** The largest that the column takes; one beyond would fail everybody's batch. */
const greatestId = 2n ** 63n - 1n;
const gatherMs = 300;
const retryMs = 1000;
const mostAtOnce = 5000;
/** Beyond this, with the database away, acknowledgements are dropped: the items come once more. */
const mostWaiting = 200_000;

/** Gathers what devices acknowledge and deletes it in large batches. A device can only ever delete its own rows. */
export class AckQueue {
  readonly #lane: Lane;
  readonly #platform: Platform;
  readonly #metrics: DeliveryMetrics;
  #waiting: Acked[] = [];
  #count = 0;
  #running: Promise<void> | undefined;
  #closing = false;

  constructor(platform: Platform, metrics: DeliveryMetrics) {
    this.#platform = platform;
    this.#metrics = metrics;
    this.#lane = new Lane(platform.pool, ackSettings);
  }

  push(deviceId: string, ids: readonly bigint[], done: () => void): void {
    const possible = ids.filter((id) => id <= greatestId);
    if (possible.length === 0 || this.#count > mostWaiting) {
      done();
      return;
    }
    this.#waiting.push({ deviceId, ids: possible, done });
    this.#count += possible.length;
    this.#running ??= this.#run();
  }

  /** Deletes what waits, once; what fails now is delivered again. */
  async close(): Promise<void> {
    this.#closing = true;
    while (this.#running !== undefined) await this.#running;
    this.#lane.close();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (!this.#closing) await sleep(gatherMs);
      const batch = this.#take();
      try {
        await this.#delete(batch);
        for (const { done } of batch) done();
      } catch (error) {
        this.#platform.log.warn({ err: error }, 'acknowledged items not deleted yet');
        if (this.#closing) break;
        this.#waiting.unshift(...batch);
        for (const { ids } of batch) this.#count += ids.length;
        await sleep(retryMs);
      }
    }
    this.#running = undefined;
  }

  #take(): Acked[] {
    let ids = 0;
    let end = 0;
    while (end < this.#waiting.length && ids < mostAtOnce) {
      ids += this.#waiting[end]?.ids.length ?? 0;
      end += 1;
    }
    this.#count -= ids;
    return this.#waiting.splice(0, end);
  }

  async #delete(batch: readonly Acked[]): Promise<void> {
    const devices: string[] = [];
    const ids: bigint[] = [];
    for (const acked of batch) {
      for (const id of acked.ids) {
        devices.push(acked.deviceId);
        ids.push(id);
      }
    }
    const values = [
      binaryArray('uuid', ids.length, (out, place, i) => writeUuid(out, place, devices[i] as string)),
      binaryArray('int8', ids.length, (out, place, i) => out.writeBigInt64BE(ids[i] as bigint, place)),
      String(ids.length),
    ];
    const { count } = await this.#lane.run((client) => deleteAcked.run(client, values));
    this.#metrics.delivered.inc(count);
  }
}
