import { DeviceRequest, SessionTranscript } from '@owf/mdoc';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import { isoMdocRequest } from './iso-mdoc.ts';
import { readVpToken, redirectClientId } from './openid4vp.ts';
import { spentTag } from './spent.ts';
import { owfContext, owfIssue, owfPresent } from './test-support/independent.ts';
import { type Cast, makeCast, now } from './test-support/presentation.ts';
import { dcApiTranscript, redirectTranscript } from './transcript.ts';
import { verifyProofOfAge } from './verify.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

const examined = (response: Uint8Array, sessionTranscript: Uint8Array) =>
  verifyProofOfAge(response, { sessionTranscript, anchors: cast.anchors, now });

const responseUri = 'https://accord.example/age/answer';
const redirect = {
  clientId: redirectClientId(responseUri),
  nonce: 'a-nonce-of-128-bits-or-more',
  responseUri,
};

describe('an attestation by an issuer and a wallet of somebody else', () => {
  it('holds by redirect, with the transcript that they make themselves', async () => {
    const theirs = await SessionTranscript.forOid4Vp(redirect, owfContext);
    const response = await owfPresent(cast, await owfIssue(cast), theirs);
    const token = JSON.stringify({ age: [toBase64Url(response)] });
    const read = await readVpToken(token);
    expect(read).toEqual({ ok: true, response });
    expect(await examined(response, await redirectTranscript(redirect))).toMatchObject({ ok: true });
    expect(await examined(response, await redirectTranscript({ ...redirect, nonce: 'a stale one' }))).toEqual(
      {
        ok: false,
        code: 'device_signature',
      },
    );
  });

  it('holds over the Digital Credentials API, for our origin only', async () => {
    const session = { origin: 'https://accord.example', nonce: 'another-nonce-of-128-bits' };
    const theirs = await SessionTranscript.forOid4VpDcApi(session, owfContext);
    const response = await owfPresent(cast, await owfIssue(cast), theirs);
    expect(await examined(response, await dcApiTranscript(session))).toMatchObject({ ok: true });
    const elsewhere = await dcApiTranscript({ ...session, origin: 'https://elsewhere.example' });
    expect(await examined(response, elsewhere)).toEqual({ ok: false, code: 'device_signature' });
  });

  it('answers our own org-iso-mdoc request, as their code reads it', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
    const { data } = await isoMdocRequest((pair as CryptoKeyPair).publicKey, new Uint8Array(16));
    const request = DeviceRequest.decode(fromBase64Url(data.deviceRequest));
    // Their 0.6.0 knows no handover of that protocol, so the session is one that it knows.
    const transcript = await redirectTranscript(redirect);
    const response = await owfPresent(cast, await owfIssue(cast), transcript, request);
    expect(await examined(response, transcript)).toMatchObject({ ok: true });
  });

  it('says no when the holder is not of age', async () => {
    const transcript = await redirectTranscript(redirect);
    const response = await owfPresent(cast, await owfIssue(cast, false), transcript);
    expect(await examined(response, transcript)).toEqual({ ok: false, code: 'claim_false' });
  });

  it('leaves one tag however often it is shown, and another attestation another', async () => {
    const pepper = crypto.getRandomValues(new Uint8Array(32));
    const issued = await owfIssue(cast);
    const tags = [];
    for (const [attestation, nonce] of [
      [issued, 'first'],
      [issued, 'second'],
      [await owfIssue(cast), 'third'],
    ] as const) {
      const transcript = await redirectTranscript({ ...redirect, nonce });
      const verdict = await examined(await owfPresent(cast, attestation, transcript), transcript);
      if (!verdict.ok) throw new Error(verdict.code);
      tags.push(toBase64Url(await spentTag(pepper, verdict.msoDigest)));
    }
    expect(tags[1]).toBe(tags[0]);
    expect(tags[2]).not.toBe(tags[0]);
  });
});
