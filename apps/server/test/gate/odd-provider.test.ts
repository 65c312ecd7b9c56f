import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Reply } from '@accord/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/platform/log.ts';
import { type Client, codeOf } from '../client.ts';
import { addressOf, freshName, newAccount } from '../people.ts';
import { freshFolder, startServer, type TestServer } from '../support.ts';
import { finish } from './issuer.ts';
import { type OddProvider, oddProvider } from './odd-provider.ts';

let server: TestServer;
let odd: OddProvider;
/** Names a token endpoint where the operator did not say that we may go. */
let straying: OddProvider;
let folder: string;
let logged = '';

const words = { en: 'A provider', fr: 'Un tiers' };

beforeAll(async () => {
  odd = await oddProvider();
  straying = await oddProvider({ token_endpoint: 'https://elsewhere.example/token' });
  folder = await freshFolder();
  const file = join(folder, 'providers.json');
  const profile = (id: string, more: object = {}) => ({
    id,
    name: words,
    learns: words,
    issuer: odd.issuer,
    clientId: 'accord',
    clientSecret: 'a:secret',
    expect: { path: ['adult'], value: true },
    doubleBlind: false,
    assurance: 'verified',
    ...more,
  });
  const providers = [
    profile('odd'),
    profile('fresh', { parameters: { max_age: '300' } }),
    profile('straying', { issuer: straying.issuer }),
  ];
  await writeFile(file, JSON.stringify({ providers }));
  await chmod(file, 0o600);
  server = await startServer({
    env: {
      ACCORD_AGE_METHODS: providers.map(({ id }) => id).join(','),
      ACCORD_AGE_POLICY: 'eu',
      ACCORD_AGE_PROVIDERS: file,
      ACCORD_DATA: join(folder, 'data'),
    },
    log: createLog(
      'trace',
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          logged += chunk.toString();
          done();
        },
      }),
    ),
  });
});
afterAll(async () => {
  await server.close();
  await odd[Symbol.asyncDispose]();
  await straying[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  answerWith((nonce) => odd.idToken(nonce));
});

const answerWith = (token: (nonce: string) => string) => {
  odd.answer = (nonce) => ({ body: { access_token: 'a', token_type: 'bearer', id_token: token(nonce) } });
};
const someone = async (): Promise<Client> => (await newAccount(server, freshName())).client;
const begin = (client: Client, method = 'odd') => client.call('gate.begin', { body: { method } });
const answerTo = (begun: Reply<'gate.begin'>, fields: (nonce: string) => Record<string, string>) => {
  const { searchParams } = addressOf(begun);
  const state = searchParams.get('state') ?? '';
  return `?${new URLSearchParams({ ...fields(searchParams.get('nonce') ?? ''), state })}`;
};
/** Comes back from the provider with a code. */
async function prove(client: Client, method = 'odd'): Promise<string> {
  const begun = await begin(client, method);
  return codeOf(
    finish(
      client,
      begun,
      answerTo(begun, (code) => ({ code })),
    ),
  );
}
const seconds = (ahead: number) => Math.floor(Date.now() / 1000) + ahead;

describe('an ID token', () => {
  it('of the provider’s own key is believed, and the client shown in the header where nothing else is said', async () => {
    expect(await prove(await someone())).toBe('no refusal');
    expect(odd.clients.at(-1)).toBe(`Basic ${Buffer.from('accord:a%3Asecret').toString('base64')}`);
  });

  it.each(['none', 'HS256', 'stranger'] as const)('signed as %s is not', async (how) => {
    answerWith((nonce) => odd.idToken(nonce, {}, how));
    expect(await prove(await someone())).toBe('proof_refused');
  });

  it.each([
    ['for another client', { aud: 'other' }],
    ['for many, not saying who may show it', { aud: ['accord', 'other'] }],
    ['for many, for another to show', { aud: ['accord', 'other'], azp: 'other' }],
    ['of another issuer', { iss: 'https://elsewhere.example' }],
    ['of another request', { nonce: 'x' }],
    ['that ran out', { exp: seconds(-120) }],
    ['of another day', { nbf: seconds(3600) }],
    ['that says so in a word', { adult: 'true' }],
    ['that says so in a number', { adult: 1 }],
    ['that does not say it', { adult: undefined }],
  ])('%s is not', async (_, changed) => {
    answerWith((nonce) => odd.idToken(nonce, changed));
    expect(await prove(await someone())).toBe('proof_refused');
  });

  it('for many, for us to show, is', async () => {
    answerWith((nonce) => odd.idToken(nonce, { aud: ['accord', 'other'], azp: 'accord' }));
    expect(await prove(await someone())).toBe('no refusal');
  });

  it('must be as fresh as was asked', async () => {
    for (const [changed, outcome] of [
      [{}, 'proof_refused'],
      [{ auth_time: seconds(-400) }, 'proof_refused'],
      [{ auth_time: seconds(-200) }, 'no refusal'],
    ] as const) {
      answerWith((nonce) => odd.idToken(nonce, changed));
      expect(await prove(await someone(), 'fresh'), JSON.stringify(changed)).toBe(outcome);
    }
  });

  it('with a birth date that nobody asked for leaves none of it behind', async () => {
    const more = { birthdate: '1980-02-03', name: 'Zo Nobody', sub: 'a-subject-of-theirs' };
    answerWith((nonce) => odd.idToken(nonce, more));
    expect(await prove(await someone())).toBe('no refusal');
    const { rows } = await server.database.pool.query<{ all: string }>(
      `select string_agg(query_to_xml('select * from ' || quote_ident(table_name), true, true, '')::text, '') as all
       from information_schema.tables where table_schema = 'public'`,
    );
    const kept = `${rows[0]?.all}${logged}${await server.platform.metrics.metrics()}`;
    for (const word of Object.values(more)) expect(kept).not.toContain(word);
    expect(kept).toContain('/api/gate/proofs/:proofId');
  });
});

describe('a provider that is away, or set up otherwise than we are', () => {
  it('uses up nobody’s tries', async () => {
    const client = await someone();
    for (const [status, body] of [
      [503, {}],
      [429, {}],
      [401, { error: 'invalid_client' }],
      [400, { error: 'invalid_request' }],
    ] as const) {
      odd.answer = () => ({ status, body });
      expect(await prove(client), String(status)).toBe('unavailable');
    }
    for (const [error, outcome] of [
      ['server_error', 'unavailable'],
      ['temporarily_unavailable', 'unavailable'],
      ['consent_required', 'proof_refused'],
      ['access_denied', 'proof_refused'],
    ] as const) {
      const begun = await begin(client);
      expect(
        await codeOf(
          finish(
            client,
            begun,
            answerTo(begun, () => ({ error })),
          ),
        ),
        error,
      ).toBe(outcome);
    }
    answerWith((nonce) => odd.idToken(nonce));
    expect(await prove(client)).toBe('no refusal');
  });

  it('but a code that somebody made up does', async () => {
    const client = await someone();
    odd.answer = () => ({ status: 400, body: { error: 'invalid_grant' } });
    for (let i = 0; i < 3; i += 1) expect(await prove(client)).toBe('proof_refused');
    expect(await codeOf(begin(client))).toBe('proofs_used_up');
  });

  it('sends nobody away from where they could not come back', async () => {
    expect(await codeOf(begin(await someone(), 'straying'))).toBe('unavailable');
  });
});
