import type { Hma } from '@accord/protocol/partners';
import type { PartnerHandlers } from '../partners/index.ts';
import { refuse } from './signals.ts';

/** With whom hashes are exchanged, as HMA's routes show it. */
export interface Exchanges {
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
