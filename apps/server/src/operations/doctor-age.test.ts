import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { day, makeCast, now } from '@accord/age-proof/testing';
import { formatPin, pinName } from '@accord/age-proof/trust';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../platform/config.ts';
import { examineAge } from './doctor-age.ts';

let anchor: Uint8Array<ArrayBuffer>;
const folders: string[] = [];
beforeAll(async () => {
  anchor = (await makeCast()).caCertificate;
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'accord-doctor-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  return folder;
}

const pinUntil = (nextUpdate: number) =>
  formatPin({
    signer: '0'.repeat(64),
    sequence: 1,
    issuedAt: now - 100 * day,
    nextUpdate,
    anchors: [anchor],
  });

const abroad = { NODE_ENV: 'production', ACCORD_PUBLIC_URL: 'https://accord.example' };
const wallet = { ...abroad, ACCORD_AGE_METHODS: 'wallet', ACCORD_AGE_POLICY: 'eu' };
const pepper = { 'age-pepper': new Uint8Array(32).fill(7) };

const found = async (env: Readonly<Record<string, string>>, folder = folderWith({})) =>
  (await examineAge(readConfig(env), folder, now)).map(({ state, what }) => `${state}: ${what}`);

describe('the doctor, of the proof of age', () => {
  it('warns of what proves nothing, and of nobody being able to talk', async () => {
    expect(await found({ ACCORD_PUBLIC_URL: 'http://localhost:8420' })).toEqual([
      'warn: age proof: the test method is on, which proves nothing',
    ]);
    expect(await found({ ...abroad, ACCORD_AGE_METHODS: '' })).toEqual([
      'warn: age proof: no method is on, nobody can talk',
    ]);
  });

  it('tells the policy, the methods, the pepper and the list, when all is well', async () => {
    const folder = folderWith({ ...pepper, [pinName]: pinUntil(now + 60 * day) });
    expect(await found(wallet, folder)).toEqual([
      'ok: age proof: policy eu/1, by wallet',
      'ok: age pepper: there, and nobody else can read it',
      'ok: trusted issuers: 1 authority, the next list is due 2027-01-19',
    ]);
  });

  it.each([
    [10, 'warn: trusted issuers: 1 authority, the next list is due 2026-11-30'],
    [-3, 'warn: trusted issuers: 1 authority, the next list is due 2026-11-17; this one holds 4 more days'],
    [
      -8,
      'fail: trusted issuers: 1 authority, the next list is due 2026-11-12; no wallet is believed any more',
    ],
  ])('tells of a list that is due in %i days', async (days, line) => {
    const folder = folderWith({ ...pepper, [pinName]: pinUntil(now + days * day) });
    expect((await found(wallet, folder)).at(-1)).toBe(line);
  });

  it('tells of a list that is missing or broken, of a pepper that is, and of the question for counsel', async () => {
    expect((await found(wallet)).slice(1)).toEqual([
      expect.stringMatching(/^warn: age pepper: .* does not exist yet$/),
      'fail: trusted issuers: no list, no wallet is believed',
    ]);
    const broken = folderWith({ ...pepper, [pinName]: '{}' });
    expect((await found(wallet, broken)).at(-1)).toBe(
      'fail: trusted issuers: the pinned list can’t be read, no wallet is believed',
    );
    const open = folderWith(pepper);
    chmodSync(join(open, 'age-pepper'), 0o644);
    await expect(found(wallet, open)).rejects.toThrow(/can be read by others/);
    const agency = {
      id: 'agency',
      name: { en: 'The Agency', fr: 'L’Agence' },
      learns: { en: 'It sees your card.', fr: 'Elle voit votre carte.' },
      issuer: 'https://id.agency.example',
      clientId: 'accord',
      expect: { path: ['age_over_18'], value: true },
      doubleBlind: false,
      assurance: 'verified',
    };
    const providers = folderWith({ 'providers.json': JSON.stringify({ providers: [agency] }) });
    const french = {
      ...wallet,
      ACCORD_AGE_METHODS: 'wallet,agency',
      ACCORD_AGE_PROVIDERS: join(providers, 'providers.json'),
      ACCORD_AGE_POLICY: 'fr',
      ACCORD_AGE_REOPEN: 'passkey',
    };
    expect((await found(french)).slice(0, 2)).toEqual([
      'ok: age proof: policy fr/1, by wallet, agency',
      'warn: age proof: in France a passkey opens a new session in place of a proof',
    ]);
  });
});
