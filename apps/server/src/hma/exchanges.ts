import type { Hma } from '@accord/protocol/partners';
import type { ExchangeKind, Exchanges as Peers } from '../exchange/index.ts';
import type { PartnerHandlers } from '../partners/index.ts';
import { refuse } from './signals.ts';

/** With whom hashes are exchanged, as HMA's routes show it. */
interface Exchanges {
  /** Kinds of exchanges, and whether each asks for credentials and has them. */
  kinds(): Promise<readonly { readonly name: string; readonly asks: boolean; readonly has: boolean }[]>;
  list(): Promise<readonly Exchange[]>;
}

interface Exchange {
  readonly name: string;
  readonly kind: string;
  readonly enabled: boolean;
  /** Seconds since 1970; null where it never was. */
  readonly checkpoint: number | null;
  readonly fetchingSince: number | null;
  readonly fetchedAt: number | null;
  readonly succeeded: boolean | null;
  readonly upToDate: boolean;
  readonly items: number;
}

/** Our kinds of peers under HMA's names. */
const apiNames: Readonly<Record<ExchangeKind, string>> = {
  stopncii: 'stopncii',
  ncmec: 'ncmec',
  threatexchange: 'fb_threatexchange',
  list: 'local_file',
};

const seconds = (at: Date | null): number | null => at && Math.floor(at.getTime() / 1000);

/** The peers as HMA's routes show them. Whether there are keys is what the last try found. */
export const exchangesOf = ({ status }: Pick<Peers, 'status'>): Exchanges => ({
  async kinds() {
    const all = await status();
    return Object.entries(apiNames).map(([kind, name]) => ({
      name,
      asks: kind !== 'list',
      has: all.some((one) => one.kind === kind && one.triedAt !== null && one.fault !== 'no_keys'),
    }));
  },
  async list() {
    return (await status()).map((one) => ({
      name: one.name,
      kind: apiNames[one.kind],
      enabled: one.enabled,
      checkpoint: seconds(one.upTo),
      fetchingSince: one.underWay ? seconds(one.triedAt) : null,
      fetchedAt: seconds(one.completedAt),
      succeeded: one.triedAt === null ? null : one.fault === null,
      upToDate: one.completedAt !== null && one.fault === null && !one.underWay,
      items: one.records,
    }));
  },
});

type ExchangeRoute =
  | 'exchanges.apis'
  | 'exchanges.api'
  | 'exchanges.list'
  | 'exchange.read'
  | 'exchange.status';

export function exchangeHandlers({ kinds, list }: Exchanges): Pick<PartnerHandlers<Hma>, ExchangeRoute> {
  const find = async (name: string): Promise<Exchange> => {
    const exchange = (await list()).find((one) => one.name === name);
    if (exchange === undefined) throw refuse(404, `Exchange '${name}' not found`);
    return exchange;
  };
  return {
    'exchanges.apis': async () => (await kinds()).map(({ name }) => name),
    async 'exchanges.api'({ params }) {
      const kind = (await kinds()).find(({ name }) => name === params.apiName);
      if (kind === undefined) throw refuse(400, `no such Exchange API '${params.apiName}'`);
      return { supports_authentification: kind.asks, has_set_authentification: kind.has };
    },
    'exchanges.list': async () => (await list()).map(({ name }) => name),
    async 'exchange.read'({ params }) {
      const { name, kind, enabled } = await find(params.exchangeName);
      return { name, api: kind, enabled };
    },
    async 'exchange.status'({ params }) {
      const one = await find(params.exchangeName);
      return {
        checkpoint_ts: one.checkpoint,
        running_fetch_start_ts: one.fetchingSince,
        last_fetch_complete_ts: one.fetchedAt,
        last_fetch_succeeded: one.succeeded,
        up_to_date: one.upToDate,
        fetched_items: one.items,
      };
    },
  };
}
