import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What its token endpoint answers, by the nonce that was asked for. */
type TokenAnswer = (nonce: string) => { readonly status?: number; readonly body: object };

/** A provider that answers by hand what no library would, on the loopback address. */
export interface OddProvider extends AsyncDisposable {
  readonly issuer: string;
  /** How the client showed itself at the token endpoint. */
  readonly clients: (string | undefined)[];
  answer: TokenAnswer;
  /** An ID token with what a good one has, but for `changed`. Seconds are added to now. */
  idToken(nonce: string, changed?: object, how?: Signing): string;
}

/** `none`: no signature; `HS256`: under the public key, which everybody knows; `stranger`: by a key of somebody else's. */
type Signing = 'ES256' | 'none' | 'HS256' | 'stranger';

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

export async function oddProvider(metadata: object = {}): Promise<OddProvider> {
  const [own, strange] = [newKey(), newKey()];
  const jwk = { ...own.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' };
  const clients: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const tell = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/jwks') return tell({ keys: [jwk] });
    if (request.url !== '/token') {
      return tell({
        issuer: odd.issuer,
        authorization_endpoint: `${odd.issuer}/authorize`,
        token_endpoint: `${odd.issuer}/token`,
        jwks_uri: `${odd.issuer}/jwks`,
        // A provider may name both: it says what it can do, not what is safe.
        id_token_signing_alg_values_supported: ['ES256', 'none', 'HS256'],
        ...metadata,
      });
    }
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    return request.on('end', () => {
      const fields = new URLSearchParams(body);
      clients.push(request.headers.authorization ?? fields.get('client_secret') ?? undefined);
      // The code is the nonce: so the provider needs no memory.
      const { status, body: told } = odd.answer(fields.get('code') ?? '');
      tell(told, status);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const odd: OddProvider = {
    issuer: `http://localhost:${(server.address() as AddressInfo).port}`,
    clients,
    answer: () => ({ body: {} }),
    idToken(nonce, changed = {}, how = 'ES256') {
      const now = Math.floor(Date.now() / 1000);
      const good = { iss: odd.issuer, aud: 'accord', sub: 'x', iat: now, exp: now + 60, nonce, adult: true };
      const header = { alg: how === 'stranger' ? 'ES256' : how, kid: 'k' };
      const signed = [header, { ...good, ...changed }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      if (how === 'none') return `${signed}.`;
      const spki = own.publicKey.export({ format: 'pem', type: 'spki' });
      const key = how === 'stranger' ? strange.privateKey : own.privateKey;
      const signature =
        how === 'HS256'
          ? createHmac('sha256', spki).update(signed).digest()
          : sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
      return `${signed}.${signature.toString('base64url')}`;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return odd;
}
