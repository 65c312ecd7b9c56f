import { isLoopback } from '../platform/loopback.ts';
import { askOutside, textOf } from '../platform/outside.ts';

const timeoutMs = 10_000;
const mostBytes = 256 * 1024;

/** A provider that does not answer, or not as one should: nobody's proof is to blame. */
export class ProviderAway extends Error {
  override readonly name = 'ProviderAway';
}

/**
 * A fetch that goes where the operator said and nowhere else: the named origins, without redirects, cookies or
 * endless answers. What a discovery document names lies on one of these origins or is not reached. These may be of the
 * operator's own network: a name that is pointed at another machine inside fails there, as that has no certificate for it.
 */
export function guardedFetch(origins: readonly string[]) {
  const named = origins.map((address) => new URL(address));
  const policy = {
    allows: ({ origin }: URL) => named.some((one) => one.origin === origin),
    loopback: named.some(({ hostname }) => isLoopback(hostname)),
    ownNetworks: true,
  };
  return async (address: string, init: RequestInit): Promise<Response> => {
    try {
      const answer = await askOutside(
        address,
        {
          method: init.method ?? 'GET',
          headers: Object.fromEntries(new Headers(init.headers)),
          ...(init.body != null && { body: String(init.body) }),
          signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(init.signal ? [init.signal] : [])]),
        },
        policy,
      );
      const status = answer.statusCode ?? 0;
      if (status >= 300 && status < 400) answer.destroy(new ProviderAway('a redirect'));
      const text = await textOf(answer, mostBytes);
      const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
      return new Response(text === '' ? null : text, { status, headers: Object.fromEntries(headers) });
    } catch (error) {
      throw new ProviderAway('no answer', { cause: error });
    }
  };
}
