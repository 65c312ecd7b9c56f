import { describe, expect, it } from 'vitest';
import { openid4vpDcRequest, readVpToken, redirectAddress, redirectClientId } from './openid4vp.ts';
import { owfIssue } from './test-support/independent.ts';
import { makeCast, now } from './test-support/presentation.ts';
import { malleated, walletOf } from './test-support/wallet.ts';
import { dcApiTranscript, redirectTranscript } from './transcript.ts';
import { verifyProofOfAge } from './verify.ts';

const nonce = 'a-nonce-of-128-bits-or-more';
const responseUri = 'https://accord.example/age/answer';
const origin = 'https://accord.example';

describe('a wallet of somebody else', () => {
  it('understands our redirect, and we its answer, once and for this session', async () => {
    const cast = await makeCast();
    const wallet = walletOf(cast, await owfIssue(cast));
    const answer = await wallet.redirect(redirectAddress({ responseUri, nonce, state: 'a-state' }));
    expect(answer.responseUri).toBe(responseUri);
    expect(answer.fields.get('state')).toBe('a-state');
    const read = await readVpToken(answer.fields.get('vp_token'));
    if (!read.ok) throw new Error(read.code);
    const ours = { clientId: redirectClientId(responseUri), nonce, responseUri };
    const examined = async (session: typeof ours, response = read.response) =>
      verifyProofOfAge(response, {
        sessionTranscript: await redirectTranscript(session),
        anchors: cast.anchors,
        now,
      });
    const first = await examined(ours);
    expect(first).toMatchObject({ ok: true });
    expect(await examined({ ...ours, nonce: 'the next session’s' })).toEqual({
      ok: false,
      code: 'device_signature',
    });
    // A signature has a twin, and the proof is the same one.
    expect(await examined(ours, malleated(read.response))).toEqual(first);
  });

  it('understands our request over the Digital Credentials API, and we its answer', async () => {
    const cast = await makeCast();
    const { data } = openid4vpDcRequest(nonce);
    const answer = await walletOf(cast, await owfIssue(cast)).openid4vp(data, origin);
    const read = await readVpToken(answer.vp_token);
    if (!read.ok) throw new Error(read.code);
    const sessionTranscript = await dcApiTranscript({ origin, nonce });
    const verdict = await verifyProofOfAge(read.response, { sessionTranscript, anchors: cast.anchors, now });
    expect(verdict).toMatchObject({ ok: true });
  });
});
