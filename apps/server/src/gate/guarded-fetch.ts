import { asFetch, wayOut } from '../platform/outside.ts';
import { operatorsOrigins } from '../platform/outside-policy.ts';

const bounds = { mostBytes: 256 * 1024, wholeMs: 10_000 };

/** A provider that does not answer, or not as one should: nobody's proof is to blame. */
export class ProviderAway extends Error {
  override readonly name = 'ProviderAway';
}

/**
 * A fetch that goes where the operator said and nowhere else: the named origins, without redirects, cookies or
 * endless answers. What a discovery document names lies on one of these origins or is not reached.
 */
export function guardedFetch(origins: readonly string[]) {
  const fetchThere = asFetch(wayOut(operatorsOrigins(origins)), bounds);
  return async (address: string, init: RequestInit): Promise<Response> => {
    try {
      const answer = await fetchThere(address, init);
      const { status, headers } = answer;
      const body = await answer.arrayBuffer();
      if (status >= 300 && status < 400) throw new ProviderAway('a redirect');
      // Nor is a proof to blame where the provider breaks, or has enough of us.
      if (status >= 500 || status === 429) throw new ProviderAway(`status ${status}`);
      return new Response(body.byteLength === 0 ? null : body, { status, headers });
    } catch (error) {
      throw new ProviderAway('no answer', { cause: error });
    }
  };
}
