import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../platform/config.ts';
import { policyFor } from './policy.ts';
import { readAgeSetup } from './setup.ts';

const folder = mkdtempSync(join(tmpdir(), 'accord-setup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = { en: 'A provider', fr: 'Un tiers' };
const good = {
  id: 'agency',
  name: words,
  learns: words,
  issuer: 'https://agency.example',
  clientId: 'accord',
  scope: 'openid age_over:18',
  expect: { path: ['age_over_18'], value: true },
  doubleBlind: false,
  assurance: 'verified',
};

let files = 0;
function fileOf(content: unknown): string {
  files += 1;
  const path = join(folder, `${files}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const setup = (methods: string, policy: string, provider: object | null = good, more: object = {}) =>
  readAgeSetup(
    readConfig({
      NODE_ENV: 'production',
      ACCORD_PUBLIC_URL: 'https://accord.example',
      ACCORD_AGE_METHODS: methods,
      ACCORD_AGE_POLICY: policy,
      ...(provider !== null && { ACCORD_AGE_PROVIDERS: fileOf({ providers: [provider] }) }),
      ...more,
    }),
  );

describe('what the law asks', () => {
  it('of France is two methods, one of them double-blind, none that estimates, and a proof at each session', () => {
    expect(setup('wallet,agency', 'fr').policy).toMatchObject({ reopen: 'proof', idleMinutes: 60 });
    expect(() => setup('wallet', 'fr', null)).toThrow(
      'ACCORD_AGE_POLICY is fr, which asks for 2 methods of proof, and ACCORD_AGE_METHODS names 1 that proves anything.',
    );
    const estimate = { ...good, assurance: 'estimated' };
    expect(() => setup('wallet,agency', 'fr', estimate)).toThrow(/takes no estimated age.* names agency/);
    const both = (second: object) => ({
      ACCORD_AGE_PROVIDERS: fileOf({ providers: [good, { ...good, id: 'bureau', ...second }] }),
    });
    expect(() => setup('agency,bureau', 'fr', null, both({ issuer: 'https://bureau.example' }))).toThrow(
      /asks for a double-blind method/,
    );
    expect(() => setup('agency,bureau', 'fr', null, both({ doubleBlind: true }))).toThrow(
      'names 1 that proves anything (descriptions of one issuer are one).',
    );
  });

  it('of France is that a third party proves it: nobody at our own address', () => {
    for (const issuer of ['https://accord.example', 'https://id.accord.example/realm', 'https://example']) {
      expect(() => setup('wallet,agency', 'fr', { ...good, issuer }), issuer).toThrow(
        `ACCORD_AGE_POLICY is fr, which asks for proofs by a third party, and agency is of our own address: ${issuer}.`,
      );
      expect(setup('agency', 'eu', { ...good, issuer }).policy.version).toBe('eu/1');
    }
    expect(setup('wallet,agency', 'fr', { ...good, issuer: 'https://anaccord.example' }).wallet).toBe(true);
  });

  it('of the EU is verification, of the UK estimation too, of anywhere else the strictest of all', () => {
    const estimate = { ...good, assurance: 'estimated' };
    expect(setup('agency', 'uk', estimate).policy.version).toBe('uk/1');
    expect(() => setup('agency', 'eu', estimate)).toThrow(/takes no estimated age/);
    expect(() => setup('agency', 'other', estimate)).toThrow(ConfigError);
    expect(policyFor(['other'])).toEqual({ ...policyFor(['fr']), version: 'other/1' });
  });

  it('adds up: who serves two places is held to the stricter of each rule', () => {
    const both = policyFor(['uk', 'fr']);
    expect(both).toEqual({ ...policyFor(['fr']), version: 'fr/1+uk/1' });
    expect(policyFor(['fr', 'uk'])).toEqual(both);
    expect(() => setup('wallet', 'uk,fr', null)).toThrow(/^ACCORD_AGE_POLICY is uk,fr/);
  });

  it('may be made stricter, and only that', () => {
    const { policy } = setup('wallet', 'eu', null, { ACCORD_AGE_DAYS: '7', ACCORD_AGE_IDLE_MINUTES: '20' });
    expect(policy).toMatchObject({ days: 7, idleMinutes: 20 });
    expect(() => setup('wallet,agency', 'fr', good, { ACCORD_AGE_DAYS: '31' })).toThrow(
      'ACCORD_AGE_DAYS is 31, and ACCORD_AGE_POLICY allows 30 at most.',
    );
    expect(() => setup('wallet,agency', 'fr', good, { ACCORD_AGE_IDLE_MINUTES: '61' })).toThrow(
      'ACCORD_AGE_IDLE_MINUTES is 61',
    );
    expect(setup('wallet,agency', 'fr', good, { ACCORD_AGE_REOPEN: 'passkey' }).policy.reopen).toBe(
      'passkey',
    );
  });
});

describe('a provider’s description', () => {
  it.each([
    ['plain http', { issuer: 'http://agency.example' }, 'is not https'],
    ['plain http elsewhere', { origins: ['http://cdn.example'] }, 'is not https'],
    ['loopback in production', { issuer: 'http://localhost:1' }, 'is not https'],
    ['a name of ours', { id: 'wallet' }, 'names of ours'],
    ['a state of its own', { parameters: { state: 'x' } }, 'state is set by Accord'],
    ['a date of birth', { scope: 'openid birthdate' }, 'date of birth'],
    [
      'a date of birth in a claim',
      { parameters: { claims: '{"id_token":{"birthdate":null}}' } },
      'date of birth',
    ],
    ['a profile, which brings one unasked', { scope: 'openid profile' }, 'asks who somebody is (profile)'],
    ['an address', { scope: 'openid age email' }, 'asks who somebody is (email)'],
    ['a name in a claim', { parameters: { claims: '{"id_token":{"name":null}}' } }, 'asks who somebody is,'],
    ['a no in a word', { expect: { path: ['age'], value: '18:false' } }, 'of an adult is "18:false"'],
    ['nothing for an answer', { expect: { path: ['age'], value: '' } }, 'of an adult is ""'],
    ['a zero', { expect: { path: ['age'], value: 0 } }, 'of an adult is 0'],
    ['an age that is no number', { parameters: { max_age: 'soon' } }, 'max_age is no number of seconds'],
    [
      'a minor for an adult',
      { expect: { path: ['is_minor'], value: false } },
      'expected of an adult is false',
    ],
    ['userinfo without a token', { flow: 'id_token', from: 'userinfo' }, 'has no userinfo'],
    ['no openid', { scope: 'age' }, 'providers.0.scope'],
    ['an unknown member', { upload: true }, 'upload'],
    ['no word on who learns what', { learns: undefined }, 'providers.0.learns'],
  ])('is refused with %s', (_, change, why) => {
    const act = () => setup('wallet', 'eu', { ...good, ...change });
    expect(act).toThrow(ConfigError);
    expect(act).toThrow(/^ACCORD_AGE_PROVIDERS/);
    expect(act).toThrow(why);
  });

  it('with a secret is for us alone to read', () => {
    const path = fileOf({ providers: [{ ...good, clientSecret: 'x' }] });
    const act = () => setup('agency', 'eu', null, { ACCORD_AGE_PROVIDERS: path });
    chmodSync(path, 0o640);
    expect(act).toThrow(`ACCORD_AGE_PROVIDERS: ${path} holds a secret that others can read: chmod 600 it.`);
    chmodSync(path, 0o600);
    expect(act).not.toThrow();
  });

  it('must be there, be JSON, and have the methods that are named, once', () => {
    expect(() => setup('agency', 'eu', null, { ACCORD_AGE_PROVIDERS: join(folder, 'none') })).toThrow(
      'ENOENT',
    );
    expect(() => setup('agency', 'eu', null, { ACCORD_AGE_PROVIDERS: fileOf('{') })).toThrow('is not JSON');
    expect(() => setup('bureau', 'eu')).toThrow(
      /^ACCORD_AGE_METHODS names bureau, which .* does not describe/,
    );
    const twice = { ACCORD_AGE_PROVIDERS: fileOf({ providers: [good, good] }) };
    expect(() => setup('agency', 'eu', null, twice)).toThrow('describes a provider twice');
  });
});
