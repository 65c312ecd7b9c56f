import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, codeOf } from '../client.ts';
import { addressOf, freshName, newAccount } from '../people.ts';
import { freePort, freshFolder, startServer, type TestServer } from '../support.ts';
import { type IdentityProvider, identityProvider, type Visit } from './identity-provider.ts';
import { finish } from './issuer.ts';

let server: TestServer;
let provider: IdentityProvider;
let folder: string;

const words = { en: 'A provider', fr: 'Un tiers' };
const profile = (id: string, more: object) => ({
  id,
  name: words,
  learns: words,
  issuer: provider.issuer,
  clientId: 'accord',
  scope: 'openid age',
  expect: { path: ['age_over_18'], value: true },
  doubleBlind: true,
  assurance: 'verified',
  ...more,
});

beforeAll(async () => {
  const port = await freePort();
  provider = await identityProvider([`http://localhost:${port}/gate`]);
  folder = await freshFolder();
  const file = join(folder, 'providers.json');
  const providers = [
    profile('code', {}),
    profile('info', { from: 'userinfo' }),
    profile('implicit', { flow: 'id_token', clientId: 'accord-implicit' }),
    profile('literal', { expect: { path: ['age_over_18'], value: 'true' } }),
    profile('inherited', { expect: { path: ['constructor', 'name'], value: 'Object' } }),
  ];
  await writeFile(file, JSON.stringify({ providers }));
  server = await startServer({
    env: {
      ACCORD_PUBLIC_URL: `http://localhost:${port}`,
      ACCORD_AGE_METHODS: providers.map(({ id }) => id).join(','),
      ACCORD_AGE_POLICY: 'eu',
      ACCORD_AGE_PROVIDERS: file,
      ACCORD_DATA: join(folder, 'data'),
    },
  });
});
afterAll(async () => {
  await server.close();
  await provider.stop();
  await rm(folder, { recursive: true, force: true });
});

const someone = async (): Promise<Client> => (await newAccount(server, freshName())).client;
const begin = (client: Client, method: string) => client.call('gate.begin', { body: { method } });
/** What the page sends of the address that it came back to. */
const answerIn = (back: URL): string => (back.search === '' ? back.hash : back.search);

async function visit(client: Client, method: string, as: Visit) {
  const begun = await begin(client, method);
  return { begun, back: await provider.visit(addressOf(begun).href, as) };
}

describe('a provider', () => {
  it.each(['code', 'info', 'implicit'])('opens the gate to an adult by %s', async (method) => {
    const client = await someone();
    const { begun, back } = await visit(client, method, 'adult');
    expect(`${back.origin}${back.pathname}`).toBe(`${server.url}/gate`);
    const state = new URLSearchParams(answerIn(back).slice(1)).get('state');
    expect(state?.split('.')[0]).toBe(begun.proofId);
    // The kind of method is kept, not who the provider was.
    expect((await finish(client, begun, answerIn(back))).adult.method).toBe('provider');
    expect(await codeOf(client.call('presence.profile.read', {}))).toBe('no refusal');
  });

  it('asks for a code with PKCE, state and nonce, and nothing of the person beyond the claim', async () => {
    const { searchParams } = addressOf(await begin(await someone(), 'code'));
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    for (const name of ['code_challenge', 'nonce']) expect(searchParams.get(name)).toMatch(/^[\w-]{43}$/);
    expect(searchParams.get('state')).toMatch(/^[\da-f-]{36}\.[\w-]{43}$/);
    expect(searchParams.get('scope')).toBe('openid age');
    // A code in the query would be in the log of every proxy before us.
    expect(searchParams.get('response_mode')).toBe('fragment');
  });

  it.each(['minor', 'declines'] as const)('keeps the gate shut to who is or does: %s', async (as) => {
    for (const method of ['code', 'info', 'implicit']) {
      const client = await someone();
      const { begun, back } = await visit(client, method, as);
      expect(await codeOf(finish(client, begun, answerIn(back))), method).toBe('proof_refused');
      expect(await codeOf(client.call('presence.profile.read', {}))).toBe('proof_required');
    }
  });

  it('has to say exactly what was expected, in a member of its own', async () => {
    for (const method of ['literal', 'inherited']) {
      const client = await someone();
      const { begun, back } = await visit(client, method, 'adult');
      expect(await codeOf(finish(client, begun, answerIn(back))), method).toBe('proof_refused');
    }
  });

  it.each(['code', 'implicit'])('answers one request of one browser, once, by %s', async (method) => {
    const [one, other] = [await someone(), await someone()];
    const first = await visit(one, method, 'adult');
    const answer = answerIn(first.back);
    const theirs = await begin(other, method);
    expect(await codeOf(finish(other, first.begun, answer))).toBe('proof_refused');
    expect(await codeOf(finish(other, theirs, answer))).toBe('proof_refused');
    // The other's state before the one's answer: then the nonce (or the verifier) is not theirs.
    const again = await visit(other, method, 'adult');
    const state = new URLSearchParams(answerIn(again.back).slice(1)).get('state') ?? '';
    const mixed = answer.replace(/state=[^&]*/, `state=${state}`);
    expect(mixed).not.toBe(answer);
    expect(await codeOf(finish(other, again.begun, mixed))).toBe('proof_refused');
    expect(await codeOf(finish(one, first.begun, answer))).toBe('no refusal');
    expect(await codeOf(finish(one, first.begun, answer))).toBe('proof_refused');
    expect(await codeOf(other.call('presence.profile.read', {}))).toBe('proof_required');
  });

  it('is not believed in anything else', async () => {
    const client = await someone();
    const { back } = await visit(client, 'code', 'adult');
    const whole = answerIn(back);
    for (const answer of [
      '',
      '?',
      '#',
      'code=x',
      '?code=x',
      '?error=server_error',
      whole.replace(/code=[^&]*/, 'code=x'),
      whole.replace(/iss=[^&]*/, 'iss=https%3A%2F%2Felsewhere.example'),
      `${whole}&state=x`,
      `https://elsewhere.example/${whole}`,
      `?${'x'.repeat(20_000)}`,
    ]) {
      const one = await someone();
      const begun = await begin(one, 'code');
      expect(await codeOf(finish(one, begun, answer)), answer.slice(0, 40)).toBe('proof_refused');
    }
  });

  it('that does not answer is told as such: nobody’s proof is to blame', async () => {
    const client = await someone();
    const { begun, back } = await visit(client, 'code', 'adult');
    await provider.stop();
    expect(await codeOf(finish(client, begun, answerIn(back)))).toBe('unavailable');
    expect(await codeOf(client.call('presence.profile.read', {}))).toBe('proof_required');
  });
});
