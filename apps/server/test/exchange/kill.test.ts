import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ExchangeTools, exchangeTools } from '../../src/exchange/index.ts';
import { readConfig } from '../../src/platform/config.ts';
import { type FreshDatabase, freshDatabase } from '../support.ts';
import type { LoopbackPeer } from './peers.ts';
import { World } from './world.ts';

const cli = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url));

let world: World;
let database: FreshDatabase;
let tools: ExchangeTools;
let env: Record<string, string>;
let whole: Map<string, unknown>;

const lines = Array.from({ length: 3500 }, (_, n) => n.toString(16).padStart(64, '0'));

beforeAll(async () => {
  world = await new World().start();
  world.list.lines = lines;
  database = await freshDatabase();
  const { host, port, user } = inject('postgres');
  env = {
    ...world.env,
    ACCORD_DATABASE_URL: `postgres://${user}@localhost/${database.name}?host=${encodeURIComponent(host)}&port=${port}`,
  };
  tools = exchangeTools(database.db, readConfig(env).exchange, Date.now);
  // What each comes to when nothing is in the way.
  await addAll();
  whole = new Map();
  for (const name of names) {
    expect(await tools.sync(name)).toMatchObject({ complete: true, fault: null });
    whole.set(name, await truthOf(name));
  }
});
afterAll(async () => {
  await database.close();
  await world.stop();
});

const names = ['STOPNCII', 'NCMEC', 'TX', 'LIST'] as const;

async function addAll(): Promise<void> {
  for (const { name } of await tools.list()) await tools.remove(name);
  for (const name of names) await tools.create(world.specs[name]);
}

/** What the records of a peer and its bank come to, without what differs from fetch to fetch. */
async function truthOf(name: string): Promise<unknown> {
  const records = await database.pool.query(
    `select key, case when $1 = 'LIST' then said - 'at' else said end as said, gone_at, stands from exchange_record
     join exchange on id = exchange_id where name = $1 order by key collate "C"`,
    [name],
  );
  const opinions = await database.pool.query(
    `select encode(hash, 'hex') as hash, opinion.source, category, tags, withdrawn,
       case when $1 = 'LIST' then null else at end as at
     from bank_opinion opinion join bank on bank.id = bank_id join matching_hash hash using (signal_id)
     where name = $1 order by hash, opinion.source`,
    [name],
  );
  const state = await database.pool.query(
    `select case when kind in ('ncmec', 'list') then null else checkpoint end as checkpoint, cursor, whole, fault from exchange where name = $1`,
    [name],
  );
  return [records.rows, opinions.rows, state.rows];
}

/** A fetch in a process of its own, far from UTC. */
function startFetch(name: string): ChildProcess {
  const own = Object.entries(process.env).filter(([key]) => !/^(ACCORD_|VITEST|NODE_)/.test(key));
  return spawn(process.execPath, [cli, 'exchange', 'sync', name], {
    stdio: 'ignore',
    env: { ...Object.fromEntries(own), ...env, TZ: 'America/New_York' },
  });
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

/** Kills the fetch when it asks for its page `n` (from 1), some ms later; resolves to whether it came that far. */
async function killAt(name: string, peer: LoopbackPeer, n: number, afterMs: number): Promise<boolean> {
  let asked = 0;
  const reached = new Promise<void>((resolve) => {
    peer.onRequest = () => {
      asked += 1;
      if (asked === n) resolve();
    };
  });
  for (let page = 1; page < n; page += 1) peer.mischief.push({ kind: 'none' });
  peer.mischief.push({ kind: 'hold' });
  const child = startFetch(name);
  await Promise.race([reached, ended(child)]);
  await sleep(afterMs);
  child.kill('SIGKILL');
  await ended(child);
  peer.onRequest = () => {};
  peer.mischief.length = 0;
  peer.letGo();
  return asked >= n;
}

/** Goes on as soon as the database has noticed that the killed process is gone. */
async function goOn(name: string): Promise<number> {
  let outcome = await tools.sync(name);
  while (outcome === null) {
    await sleep(20);
    outcome = await tools.sync(name);
  }
  expect(outcome).toMatchObject({ complete: true, fault: null });
  return outcome.records;
}

describe('a fetch that is killed', () => {
  it.each([
    ['STOPNCII', 2],
    ['NCMEC', 4],
    ['TX', 2],
  ] as const)('of %s after any of its %i pages comes to the same when it goes on', async (name, pages) => {
    const peer = { STOPNCII: world.stopncii, NCMEC: world.ncmec, TX: world.tx }[name];
    // Before a page is kept and after it, in turn.
    for (let page = 1; page <= pages; page += 1) {
      await addAll();
      expect(await killAt(name, peer, page, page % 2 === 0 ? 0 : 300)).toBe(true);
      await goOn(name);
      expect(await truthOf(name), `killed at page ${page}`).toEqual(whole.get(name));
    }
  });

  it('at every page comes to the same', async () => {
    await addAll();
    for (let page = 1; page <= 4; page += 1) await killAt('NCMEC', world.ncmec, page === 1 ? 1 : 2, 300);
    await goOn('NCMEC');
    expect(await truthOf('NCMEC')).toEqual(whole.get('NCMEC'));
  });

  it('of a list goes on at its line, also while it takes back what the list no longer names; another list is begun anew', async () => {
    const { list } = world;
    await addAll();
    const killedAfter = async (kept: number) => {
      const child = startFetch('LIST');
      await until(async () => (await count('place')) >= kept || child.exitCode !== null);
      child.kill('SIGKILL');
      await ended(child);
    };
    for (const kept of [1000, 2000]) await killedAfter(kept);
    expect(await goOn('LIST')).toBeLessThanOrEqual(1500);
    expect(await truthOf('LIST')).toEqual(whole.get('LIST'));
    await addAll();
    await killedAfter(1000);
    list.lines = lines.slice(500, 1500);
    expect(await goOn('LIST')).toBe(1000);
    expect((await tools.status()).find((one) => one.name === 'LIST')).toMatchObject({ records: 1000 });
    list.lines = lines;
    await goOn('LIST');
    list.lines = lines.slice(0, 10);
    const child = startFetch('LIST');
    await until(async () => (await count('gone')) > 0 || child.exitCode !== null);
    child.kill('SIGKILL');
    await ended(child);
    await goOn('LIST');
    expect((await tools.status()).find((one) => one.name === 'LIST')).toMatchObject({
      records: 10,
      withdrawn: 3490,
    });
    list.lines = lines;
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5);
}

/** Records of the list so far: told, or taken back. */
async function count(what: 'place' | 'gone'): Promise<number> {
  const { rows } = await database.pool.query<{ n: string }>(
    what === 'place'
      ? `select place as n from exchange where name = 'LIST'`
      : `select count(*) as n from exchange_record join exchange on id = exchange_id where name = 'LIST' and not stands`,
  );
  return Number(rows[0]?.n ?? 0);
}
