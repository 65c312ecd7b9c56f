import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { day, makeCast } from '@accord/age-proof/testing';
import { pinName } from '@accord/age-proof/trust';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../client.ts';
import { freshName, newAccount } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import {
  beginByWallet,
  browserAnswer,
  finish,
  issuerNow,
  proveByWallet,
  type TestIssuer,
  testIssuer,
} from './issuer.ts';

let server: TestServer;
let issuer: TestIssuer;
let now = issuerNow;
const minute = 60_000;

beforeAll(async () => {
  issuer = await testIssuer();
  server = await startServer({
    clock: () => now,
    env: { ACCORD_AGE_METHODS: 'wallet', ACCORD_AGE_POLICY: 'eu', ACCORD_DATA: issuer.folder },
  });
});
afterAll(async () => {
  await server.close();
  await issuer[Symbol.asyncDispose]();
});

const someone = () => newAccount(server, freshName());

describe('the list of trusted issuers', () => {
  it('is read again without a restart, holds through its grace, and then no wallet is believed', async () => {
    const show = async () => codeOf(proveByWallet(issuer, (await someone()).client));
    const isOffered = async () => {
      const { client } = await someone();
      return (await client.call('gate.read', {})).methods.map(({ available }) => available);
    };
    expect(await show()).toBe('no refusal');
    await issuer.pin({ nextUpdate: now - 6 * day });
    now += minute;
    expect(await show()).toBe('no refusal');
    await issuer.pin({ nextUpdate: now - 8 * day, sequence: 2 });
    now += minute;
    // Nobody is asked to show what can't be judged: it would be spent.
    expect(await show()).toBe('unavailable');
    expect(await isOffered()).toEqual([false]);
    await issuer.pin({ sequence: 3 });
    now += minute;
    expect(await show()).toBe('no refusal');
    expect(await isOffered()).toEqual([true]);
  });

  it('judges what was begun under another one, and is believed again as soon as it is whole', async () => {
    const { client } = await someone();
    const ends = async () => {
      const begun = await beginByWallet(client, 'browser');
      const answer = await browserAnswer(begun, await issuer.wallet(), 'org-iso-mdoc', server.url);
      return async () => {
        now += minute;
        return codeOf(finish(client, begun, answer));
      };
    };
    for (const broken of ['', '{', '{}', 'null']) {
      const end = await ends();
      await writeFile(join(issuer.folder, pinName), broken);
      expect(await end(), broken).toBe('proof_refused');
      await issuer.pin({ sequence: 4 });
      now += minute;
    }
    const told = await server.platform.metrics.getSingleMetricAsString('accord_age_proofs_total');
    expect(told).toContain('outcome="list_missing"} 4');
    const end = await ends();
    await issuer.pin({ by: await makeCast(), sequence: 5 });
    expect(await end()).toBe('proof_refused');
    await issuer.pin({ sequence: 6 });
    now += minute;
    expect(await (await ends())()).toBe('no refusal');
  });
});
