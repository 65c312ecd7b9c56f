import type { Body } from '@accord/protocol';
import { attest, attestationBytes } from '@accord/sealed-media';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Matching } from '../../src/matching/index.ts';
import { Client } from '../client.ts';
import { base64url, random } from '../people.ts';
import { startServer, type TestServer } from '../support.ts';
import { ask, byGrant, byOwner, concat, near, newGrant, newKey, nothingElse, someHash } from './pictures.ts';

let server: TestServer;
let matching: Matching;
beforeAll(async () => {
  server = await startServer();
  matching = server.running.features.matching;
});
afterAll(() => server.close());

type Question = Body<'matching.recheck'>;

/** What the receiver of an attested picture asks with their own hash. */
async function received(body: Body<'matching.attest'>): Promise<Question> {
  const answer = await ask(server.url, body);
  if (answer.outcome !== 'attested') throw new Error('refused');
  const { h, q } = body;
  return { h, q, asked: nothingElse, attestation: base64url(attestationBytes(answer.attestation)) };
}

const verdict = async (question: Question) =>
  (await new Client(server.url).call('matching.recheck', { body: question })).verdict;

const own = (question: Question, bits: number): Question => ({
  ...question,
  h: base64url(near(Buffer.from(question.h, 'base64url'), bits)),
});

describe('a receiver who asks with their own hash', () => {
  it('may show what was attested, up to what decoders differ by', async () => {
    const question = await received(await byOwner(await newKey(), someHash()));
    expect(await verdict(question)).toBe('show');
    expect(await verdict(own(question, 10))).toBe('show');
    expect(await verdict(own(question, 11))).toBe('hide');
  });

  it('may show what was shared under a grant', async () => {
    const [owner, h] = [await newKey(), someHash()];
    await ask(server.url, await byOwner(owner, h));
    const given = await newGrant(owner, h, Date.now() + 3_600_000);
    expect(await verdict(await received(await byGrant(given, near(h, 3))))).toBe('show');
  });

  it('hides what has been banked since', async () => {
    const hash = someHash();
    const question = await received(await byOwner(await newKey(), hash));
    const before = await matching.banks.epoch();
    const opinion = { category: 'positive', at: new Date() } as const;
    await matching.banks.addSignals('DESK', [{ hash: near(hash, 20), quality: 90, opinion }]);
    const { verdict: now, bankEpoch } = await new Client(server.url).call('matching.recheck', {
      body: question,
    });
    expect(now).toBe('hide');
    expect(bankEpoch).toBeGreaterThan(before);
  });

  it('hides another’s picture whose sender kept silent about what it is a copy of', async () => {
    const registered = someHash();
    await ask(server.url, await byOwner(await newKey(), registered));
    const question = await received(await byOwner(await newKey(), someHash()));
    expect(await verdict(question)).toBe('show');
    const asked = { ...nothingElse, turned: concat(near(registered, 16)) };
    expect(await verdict({ ...question, asked })).toBe('hide');
  });

  it('hides a clear picture that was declared unverifiable', async () => {
    const question = await received(await byOwner(await newKey(), someHash(), { q: 20 }));
    expect(await verdict(question)).toBe('show');
    expect(await verdict({ ...question, q: 80 })).toBe('hide');
  });

  it('hides what nobody here attested', async () => {
    const question = await received(await byOwner(await newKey(), someHash()));
    const h = Buffer.from(question.h, 'base64url');
    const forged = { h, q: 90, cm: random(32), bankEpoch: 1, iat: Date.now() };
    const [key] = (await new Client(server.url).call('matching.keys', {})).keys;
    for (const kid of [random(8), Buffer.from(key?.kid ?? '', 'base64url')]) {
      const attestation = base64url(attestationBytes(await attest(random(32), { ...forged, kid })));
      expect(await verdict({ ...question, attestation })).toBe('hide');
    }
    expect(await verdict({ ...question, attestation: base64url(random(200)) })).toBe('hide');
  });
});
