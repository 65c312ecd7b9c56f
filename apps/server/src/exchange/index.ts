import { setTimeout as sleep } from 'node:timers/promises';
import type { Matching } from '../matching/index.ts';
import type { ExchangeConfig } from '../platform/config-exchange.ts';
import type { Database } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { type Rounds, startRounds } from '../platform/rounds.ts';
import { waysOf } from './ask.ts';
import { countExchange } from './metrics.ts';
import type { Parts } from './parts.ts';
import { exchangesOf, findExchange, setTells } from './peers.ts';
import { sharesOf } from './share.ts';
import { syncExchange, type Watch } from './sync.ts';
import { tellPeers } from './tell.ts';
import type { Exchange, Exchanges, SyncOutcome } from './types.ts';

export * from './types.ts';

/** Between two looks for peers that are due and for what is to be told. */
const everyMs = 5_000;

/** The jitter of waits need not be secret, only spread. */
const spread = { random: Math.random, pause: pauseFor };

async function pauseFor(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { ref: false, ...(signal !== undefined && { signal }) }).catch(() => {});
}

/** Peers with whom hashes are exchanged: what they say goes into banks of their own, what people here shared is told to them. */
export function createExchange(
  platform: Platform,
  { matching }: { readonly matching: Pick<Matching, 'catchUp'> },
): Exchange {
  const { db, config, clock, log } = platform;
  const parts: Parts = {
    ...spread,
    db,
    clock,
    config: config.exchange,
    ways: waysOf(config.exchange),
    settled: () => matching.catchUp(),
    count: countExchange(platform),
  };
  const fetching = new Map<number, { readonly outcome: Promise<SyncOutcome | null>; stop(): void }>();
  const ending = new AbortController();
  const fetchFrom = (id: number): Promise<SyncOutcome | null> => {
    const current = fetching.get(id);
    if (current !== undefined) return current.outcome;
    const own = new AbortController();
    const signal = AbortSignal.any([ending.signal, own.signal]);
    const outcome = syncExchange(parts, id, { signal }).finally(() => fetching.delete(id));
    fetching.set(id, { outcome, stop: () => own.abort() });
    return outcome;
  };
  /** A fetch that waits for its peer does not see by itself that it was switched off. */
  const stopThoseOff = async () => {
    if (fetching.size === 0) return;
    const on = await db.selectFrom('exchange').select('id').where('enabled', '=', true).execute();
    for (const [id, { stop }] of fetching) if (!on.some((row) => row.id === id)) stop();
  };
  const fetchDue = async () => {
    const due = await db
      .selectFrom('exchange')
      .select('id')
      .where('enabled', '=', true)
      .where('next_at', '<=', new Date(clock()))
      .execute();
    // One that takes hours holds up no other, nor the round.
    for (const { id } of due) {
      fetchFrom(id).catch((error: unknown) => log.warn({ err: error }, 'a fetch put off'));
    }
  };
  const rounds = startRounds(platform, {
    everyMs,
    putOff: 'the exchange’s round put off',
    async run() {
      await stopThoseOff();
      await fetchDue();
      await tellPeers(parts);
    },
  });
  const exchanges = exchangesOf(parts);
  return {
    ...exchanges,
    ...sharesOf(parts),
    async enable(name, enabled) {
      await exchanges.enable(name, enabled);
      await stopThoseOff();
    },
    sync: async (name) => fetchFrom((await findExchange(db, name)).id),
    rounds: withEnd(rounds, async () => {
      ending.abort();
      await Promise.allSettled([...fetching.values()].map(({ outcome }) => outcome));
    }),
  };
}

const withEnd = (rounds: Rounds<void>, end: () => Promise<void>): Rounds<void> => ({
  round: () => rounds.round(),
  async stop() {
    await rounds.stop();
    await end();
  },
});

/** The same without a server: what the operator's commands do. A server that runs finds the changes by itself. */
export interface ExchangeTools extends Omit<Exchanges, 'sync'> {
  /** @throws {Refusal} `not_found` */
  setTells(name: string, tells: boolean): Promise<void>;
  /** Fetches to the end or to what is in the way; null when a server is at it. @throws {Refusal} `not_found` */
  sync(name: string, watch?: Watch): Promise<SyncOutcome | null>;
}

export function exchangeTools(db: Database, config: ExchangeConfig, clock: () => number): ExchangeTools {
  const parts: Parts = {
    ...spread,
    db,
    config,
    ways: waysOf(config),
    clock,
    settled: async () => {},
    count: () => {},
  };
  const { signal } = new AbortController();
  return {
    ...exchangesOf(parts),
    setTells: (name, tells) => setTells(parts, name, tells),
    async sync(name, watch) {
      const { id } = await findExchange(db, name);
      return syncExchange(parts, id, { signal, ...(watch !== undefined && { watch }) });
    },
  };
}
