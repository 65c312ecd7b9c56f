import { type Hma, hma, hmaDescription, v1 } from '@accord/protocol/partners';
import type { Exchange } from '../exchange/index.ts';
import type { Matching } from '../matching/index.ts';
import type { PartnerHandlers, Partners, Told } from '../partners/index.ts';
import type { Platform } from '../platform/platform.ts';
import { bankHandlers } from './banks.ts';
import { contentHandlers } from './content.ts';
import { exchangeHandlers, exchangesOf } from './exchanges.ts';
import { hashHandlers } from './hash.ts';
import { matchHandlers } from './match.ts';
import type { Parts } from './parts.ts';

/** Refusals as HMA tells them; ours by their codes. */
const told: Told = ({ body }) => ({ message: 'message' in body ? body.message : body.code });

/** HMA's routes on the listener for other platforms: its clients work here by changing the base address. */
export function addHma(
  platform: Platform,
  partners: Partners,
  { matching, exchange }: { readonly matching: Matching; readonly exchange: Pick<Exchange, 'status'> },
): void {
  const { hasher, outside, seen } = partners;
  const parts: Parts = { platform, matching, hasher, outside, seen };
  partners.serve(
    hma,
    {
      ...statusHandlers(parts),
      ...hashHandlers(parts),
      ...matchHandlers(parts),
      ...bankHandlers(parts),
      ...contentHandlers(parts),
      ...exchangeHandlers(exchangesOf(exchange)),
    },
    { told },
  );
}

type StatusRoute = 'home' | 'status' | 'status.live' | 'siteMap' | 'openapi';

function statusHandlers({ matching }: Parts): Pick<PartnerHandlers<Hma>, StatusRoute> {
  const description = hmaDescription();
  const paths = [...Object.values(hma), ...Object.values(v1)].map(({ path }) =>
    path.replaceAll(/:(\w+)/g, '<$1>'),
  );
  return {
    home: async ({ reply }) => reply.redirect('/status'),
    async status({ reply }) {
      const state = matching.indexState();
      if (state === 'current') return 'I-AM-ALIVE';
      reply.code(503);
      return state === 'absent' ? 'INDEX-NOT-LOADED' : 'INDEX-STALE';
    },
    'status.live': async () => 'I-AM-ALIVE',
    siteMap: async () => [...new Set(paths)].sort(),
    openapi: async () => description,
  };
}
