import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** What the person does at the provider. */
export type Visit = 'adult' | 'minor' | 'declines';

/** An OpenID Connect provider that none of us wrote, on the loopback address. */
export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string;
  /** Walks from an authorization address to where the provider leads back: the address with its answer. */
  visit(address: string, as: Visit): Promise<URL>;
  /** Stops answering; the address stays. */
  stop(): Promise<void>;
}

/**
 * @param returnUrls where it may lead back to; public client `accord` (code), `accord-implicit` (ID token)
 * @param host another name of this machine than the server's makes it another site to a browser
 */
export async function identityProvider(
  returnUrls: readonly string[],
  host: 'localhost' | '127.0.0.1' = 'localhost',
): Promise<IdentityProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://${host}:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configuration(returnUrls));
  const callback = provider.callback();
  handle = (request, response) => {
    const work = request.url?.startsWith('/visit/')
      ? settle(provider, request, response)
      : callback(request, response);
    Promise.resolve(work).catch(() => response.writeHead(500).end());
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return {
    issuer,
    visit: (address, as) => walk(new URL(address), as, issuer),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const configuration = (returnUrls: readonly string[]): ConstructorParameters<typeof Provider>[1] => ({
  clients: [
    {
      client_id: 'accord',
      redirect_uris: [...returnUrls],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    {
      client_id: 'accord-implicit',
      redirect_uris: [...returnUrls],
      response_types: ['id_token'],
      grant_types: ['implicit'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
  ],
  responseTypes: ['code', 'id_token'],
  scopes: ['openid', 'age'],
  claims: { openid: ['sub'], age: ['age_over_18'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  cookies: { keys: ['of a test'] },
  interactions: { url: (_context, interaction) => `/visit/${interaction.uid}` },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, age_over_18: id === 'adult' }),
  }),
});

/** What a person would do with forms. */
async function settle(provider: Provider, request: IncomingMessage, response: ServerResponse) {
  const details = await provider.interactionDetails(request, response);
  const as = /as=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'minor';
  if (as === 'declines') {
    return provider.interactionFinished(request, response, { error: 'access_denied' });
  }
  if (details.prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: as } });
  }
  const grant = new provider.Grant({ accountId: as, clientId: String(details.params.client_id) });
  grant.addOIDCScope('openid age');
  const grantId = await grant.save();
  return provider.interactionFinished(request, response, { consent: { grantId } });
}

async function walk(address: URL, as: Visit, issuer: string): Promise<URL> {
  const cookies = new Map([['as', as as string]]);
  let at = address;
  for (let step = 0; step < 12; step += 1) {
    if (at.origin !== issuer) return at;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(at, { redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const next = answer.headers.get('location');
    if (next === null) throw new Error(`no way on from ${at.pathname}: ${answer.status}`);
    at = new URL(next, at);
  }
  throw new Error('in circles');
}
