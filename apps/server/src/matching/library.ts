import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Log } from '../platform/log.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { changesSince, type Horizon, isFarBehind, readAll } from './index-feed.ts';
import { loadIndex, saveIndex } from './index-snapshot.ts';
import { LiveIndex } from './live-index.ts';
import { radiusNow, usualRadius } from './threshold.ts';
import type { Bank } from './types.ts';

const dayMs = 86_400_000;
/** Changes are known for this long; a snapshot older than a day less is not used. */
export const changesKeptMs = 7 * dayMs;
/** Between two looks at the database where nobody told of a change: what a command added beside us is found so. */
const pollMs = 1000;
const saveEveryMs = 30 * 60_000;
/** Without a look at the database for so long, what was banked since may be missing. */
const staleMs = 65_000;

/** The index and the banks as of the last look at the database. */
interface Loaded {
  readonly index: LiveIndex;
  readonly life: string;
  horizon: Horizon;
  /** The horizon of the snapshot on the disk. */
  saved: Horizon;
  epoch: number;
  banks: ReadonlyMap<number, Bank>;
  /** Bits that two copies of one picture may differ by. */
  radius: number;
}

/**
 * Keeps the searchable copy true: what the database says is the truth, and each look at it brings over what changed. Looks
 * happen after every change of ours, when another process tells of one, and every second.
 */
export class Library {
  readonly #platform: Platform;
  readonly #log: Log;
  #loaded: Loaded | undefined;
  #waiting: Promise<void> | undefined;
  #current: Promise<void> | undefined;
  #stops: (() => void)[] = [];
  #failing = false;
  /** When the database was last seen in full, by this process's own time. */
  #lookedAt = performance.now();

  constructor(platform: Platform, log: Log) {
    this.#platform = platform;
    this.#log = log;
  }

  /** @throws {Refusal} `unavailable` before the index is loaded */
  get loaded(): Readonly<Loaded> {
    if (this.#loaded === undefined) throw new Refusal('unavailable', { retryAfter: 2 });
    return this.#loaded;
  }

  get state(): 'absent' | 'stale' | 'current' {
    if (this.#loaded === undefined) return 'absent';
    return performance.now() - this.#lookedAt > staleMs ? 'stale' : 'current';
  }

  async start(): Promise<void> {
    const { bus, clock } = this.#platform;
    const began = clock();
    const life = await this.#life();
    const saved = await loadIndex(this.#folder, {
      life,
      now: clock(),
      maxAgeMs: changesKeptMs - dayMs,
    });
    const usable = saved !== undefined && (await this.#canFollow(saved.horizon));
    if (saved !== undefined && !usable) await saved.index.close();
    const { index, horizon } = usable ? saved : await this.#rebuild();
    this.#loaded = {
      index,
      life,
      horizon,
      saved: usable ? horizon : '0',
      epoch: 0,
      banks: new Map(),
      radius: usualRadius,
    };
    await this.catchUp();
    const look = () => void this.catchUp().catch(() => {});
    const timers = [setInterval(look, pollMs), setInterval(() => void this.save(), saveEveryMs)];
    for (const timer of timers) timer.unref();
    this.#stops = [
      bus.subscribe('matching', look),
      bus.subscribe('gap', look),
      ...timers.map((timer) => () => clearInterval(timer)),
    ];
    const hashes = await index.sizes();
    this.#log.info({ from: usable ? 'snapshot' : 'database', hashes, ms: clock() - began }, 'index loaded');
  }

  /** Resolves when everything that was committed before the call can be found. */
  catchUp(): Promise<void> {
    this.#waiting ??= (this.#current ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        this.#current = this.#waiting;
        this.#waiting = undefined;
        return this.#look();
      });
    return this.#waiting;
  }

  /** After a commit of ours: we find it at once, other processes within moments. */
  async changed(): Promise<void> {
    await this.catchUp();
    this.#platform.bus.publish('matching', {});
  }

  /** Writes the index to the disk where something changed since. */
  async save(): Promise<void> {
    const loaded = this.#loaded;
    if (loaded === undefined || loaded.saved === loaded.horizon) return;
    const { index, life, horizon } = loaded;
    try {
      await saveIndex(this.#folder, index, { life, horizon, now: this.#platform.clock() });
      loaded.saved = horizon;
    } catch (error) {
      this.#log.warn({ err: error }, 'index not saved');
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#waiting?.catch(() => {});
    await this.#current?.catch(() => {});
    await this.save();
    const index = this.#loaded?.index;
    this.#loaded = undefined;
    await index?.close();
  }

  async #look(): Promise<void> {
    const loaded = this.#loaded;
    if (loaded === undefined) return;
    try {
      const { horizon, epoch, hashes } = await changesSince(this.#platform.db, loaded.horizon);
      if (epoch !== loaded.epoch) {
        loaded.banks = await this.#banks();
        loaded.radius = await radiusNow(this.#platform.db);
      }
      if (hashes.length > 0) await loaded.index.apply(hashes);
      loaded.epoch = epoch;
      loaded.horizon = horizon;
      this.#lookedAt = performance.now();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#log.warn({ err: error }, 'index behind the database');
      this.#failing = true;
      throw error;
    }
  }

  async #banks(): Promise<ReadonlyMap<number, Bank>> {
    const rows = await this.#platform.db.selectFrom('bank').selectAll().execute();
    return new Map(rows.map(({ created_at, ...row }) => [row.id, { ...row, createdAt: created_at }]));
  }

  async #life(): Promise<string> {
    const { db } = this.#platform;
    const row = { life: randomUUID() };
    await db
      .insertInto('matching_feed')
      .values(row)
      .onConflict((at) => at.doNothing())
      .execute();
    return (await db.selectFrom('matching_feed').select('life').executeTakeFirstOrThrow()).life;
  }

  /** A database that counts fewer transactions than we saw is another one; far behind, a fresh start is faster. */
  async #canFollow(since: Horizon): Promise<boolean> {
    const { db } = this.#platform;
    const { rows } = await sql<{ ahead: boolean }>`
      select pg_snapshot_xmin(pg_current_snapshot()) >= ${since}::xid8 as ahead`.execute(db);
    return rows[0]?.ahead === true && !(await isFarBehind(db, since));
  }

  async #rebuild(): Promise<{ readonly index: LiveIndex; readonly horizon: Horizon }> {
    const { horizon, rows } = await this.#platform.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(readAll);
    return { index: await LiveIndex.of(rows), horizon };
  }

  get #folder(): string {
    return join(this.#platform.folder, 'matching');
  }
}
