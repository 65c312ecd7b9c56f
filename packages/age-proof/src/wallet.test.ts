import { Openid4vpClient } from '@openid4vc/openid4vp';
import { SessionTranscript } from '@owf/mdoc';
import { describe, expect, it } from 'vitest';
import { toBase64Url } from './bytes.ts';
import { openid4vpDcRequest, readVpToken, redirectAddress, redirectClientId } from './openid4vp.ts';
import { owfContext, owfIssue, owfPresent } from './test-support/independent.ts';
import { makeCast, now } from './test-support/presentation.ts';
import { dcApiTranscript, redirectTranscript } from './transcript.ts';
import { verifyProofOfAge } from './verify.ts';

/*
 * A whole wallet that none of us wrote: @openid4vc/openid4vp speaks the protocol, @owf/mdoc holds the attestation.
 */

const unused = (): never => {
  throw new Error('not part of this flow');
};
const wallet = new Openid4vpClient({
  callbacks: {
    hash: unused,
    signJwt: unused,
    verifyJwt: unused,
    decryptJwe: unused,
    encryptJwe: unused,
    fetch: unused,
    getX509CertificateMetadata: unused,
  },
});

const nonce = 'a-nonce-of-128-bits-or-more';
const responseUri = 'https://accord.example/age/answer';
const origin = 'https://accord.example';
/** How the wallet says OpenID4VP 1.0. */
const final = 100;

/** What a wallet posts for the one presentation that it was asked for. */
async function answered(resolved: { readonly authorizationRequestPayload: unknown }, response: Uint8Array) {
  const { authorizationResponsePayload } = await wallet.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: resolved.authorizationRequestPayload as never,
    authorizationResponsePayload: { vp_token: { age: [toBase64Url(response)] } },
    origin,
  });
  return authorizationResponsePayload;
}

describe('a wallet of somebody else', () => {
  it('understands our redirect, and we its answer, once and for this session', async () => {
    const cast = await makeCast();
    const address = redirectAddress({ responseUri, nonce, state: 'a-state' });
    const parsed = wallet.parseOpenid4vpAuthorizationRequest({ authorizationRequest: address });
    const resolved = await wallet.resolveOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: parsed.params as never,
    });
    expect(resolved).toMatchObject({ version: final, client: { prefix: 'redirect_uri' } });
    const asked = { clientId: resolved.client.effective, nonce, responseUri };
    const theirs = await SessionTranscript.forOid4Vp(asked, owfContext);
    const answer = await answered(resolved, await owfPresent(cast, await owfIssue(cast), theirs));
    expect(answer.state).toBe('a-state');

    const read = await readVpToken(answer.vp_token);
    if (!read.ok) throw new Error(read.code);
    const ours = { clientId: redirectClientId(responseUri), nonce, responseUri };
    const examined = async (session: typeof ours) =>
      verifyProofOfAge(read.response, {
        sessionTranscript: await redirectTranscript(session),
        anchors: cast.anchors,
        now,
      });
    expect(await examined(ours)).toMatchObject({ ok: true });
    expect(await examined({ ...ours, nonce: 'the next session’s' })).toEqual({
      ok: false,
      code: 'device_signature',
    });
  });

  it('understands our request over the Digital Credentials API, and we its answer', async () => {
    const cast = await makeCast();
    const { data } = openid4vpDcRequest(nonce);
    const parsed = wallet.parseOpenid4vpAuthorizationRequest({ authorizationRequest: data });
    const resolved = await wallet.resolveOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: parsed.params as never,
      origin,
    });
    expect(resolved).toMatchObject({ version: final, client: { prefix: 'origin' } });
    const theirs = await SessionTranscript.forOid4VpDcApi({ origin, nonce }, owfContext);
    const answer = await answered(resolved, await owfPresent(cast, await owfIssue(cast), theirs));
    const read = await readVpToken(answer.vp_token);
    if (!read.ok) throw new Error(read.code);
    const sessionTranscript = await dcApiTranscript({ origin, nonce });
    const verdict = await verifyProofOfAge(read.response, { sessionTranscript, anchors: cast.anchors, now });
    expect(verdict).toMatchObject({ ok: true });
  });
});
