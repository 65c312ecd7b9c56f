const timeoutMs = 10_000;
const mostBytes = 256 * 1024;

/** A provider that does not answer, or not as one should: nobody's proof is to blame. */
export class ProviderAway extends Error {
  override readonly name = 'ProviderAway';
}

/**
 * A fetch that goes where the operator said and nowhere else: the named origins, without redirects, cookies or
 * endless answers. What a discovery document names lies on one of these origins or is not reached. A name that
 * is pointed at a machine inside fails there: that machine has no certificate for it.
 */
export function guardedFetch(origins: readonly string[]) {
  const allowed = new Set(origins.map((address) => new URL(address).origin));
  return async (address: string, init: RequestInit): Promise<Response> => {
    if (!allowed.has(new URL(address).origin)) throw new ProviderAway('another origin');
    try {
      const answer = await fetch(address, {
        ...init,
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(init.signal ? [init.signal] : [])]),
      });
      const body = await atMost(answer, mostBytes);
      return new Response(body, { status: answer.status, headers: answer.headers });
    } catch (error) {
      if (error instanceof ProviderAway) throw error;
      throw new ProviderAway('no answer', { cause: error });
    }
  };
}

async function atMost(answer: Response, most: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (answer.body === null) return null;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body) {
    size += part.length;
    if (size > most) throw new ProviderAway('an endless answer');
    parts.push(part);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}
