import { createHash } from 'node:crypto';
import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { Openid4vpClient } from '@openid4vc/openid4vp';
import { cborEncode, type IssuerSigned, SessionTranscript } from '@owf/mdoc';
import { fromBase64Url, toBase64Url } from '../bytes.ts';
import { type Cbor, decodeCbor, encodeCbor, type Writable } from '../cbor.ts';
import { owfContext, owfPresent } from './independent.ts';
import type { Cast } from './presentation.ts';

/*
 * A whole wallet that none of us wrote: @openid4vc/openid4vp speaks the protocol, @owf/mdoc holds the attestation,
 * @hpke/core seals.
 */

const unused = (): never => {
  throw new Error('not part of this flow');
};

const client = new Openid4vpClient({
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

/** How a wallet's owner and a test may change what is shown, on its way. */
export type Change = (response: Uint8Array) => Uint8Array;
const unchanged: Change = (response) => response;

/** Seals as a wallet does, with an HPKE that none of us wrote, to the key that the request names. */
export async function sealedBy(encryptionInfo: string, info: Uint8Array, response: Uint8Array) {
  const [, members] = decodeCbor(fromBase64Url(encryptionInfo)) as [string, ReadonlyMap<string, Cbor>];
  const key = members.get('recipientPublicKey') as ReadonlyMap<number, Uint8Array>;
  const point = Uint8Array.of(4, ...(key.get(-2) ?? []), ...(key.get(-3) ?? []));
  const suite = new CipherSuite({
    kem: new DhkemP256HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes128Gcm(),
  });
  const recipientPublicKey = await suite.kem.deserializePublicKey(point.buffer);
  const { enc, ct } = await suite.seal(
    { recipientPublicKey, info: info.slice().buffer },
    response.slice().buffer,
  );
  const sealed = new Map<string, Writable>([
    ['enc', new Uint8Array(enc)],
    ['cipherText', new Uint8Array(ct)],
  ]);
  return { response: toBase64Url(encodeCbor(['dcapi', sealed])) };
}

/** The transcript of `org-iso-mdoc`, of which @owf/mdoc 0.6.0 has no model: the structure is put into one that it has. */
async function isoTranscript(origin: string, encryptionInfo: string): Promise<SessionTranscript> {
  const digest = createHash('sha256')
    .update(cborEncode([encryptionInfo, origin]))
    .digest();
  const structure = [null, null, ['dcapi', Uint8Array.from(digest)]];
  const carrier = await SessionTranscript.forOid4VpDcApi({ origin, nonce: 'none' }, owfContext);
  return Object.defineProperty(carrier, 'encodedStructure', { value: structure });
}

/** One wallet with one attestation. */
export function walletOf(cast: Cast, issued: IssuerSigned) {
  const present = (transcript: SessionTranscript | Uint8Array, change: Change) =>
    owfPresent(cast, issued, transcript).then(change);
  const answered = async (payload: unknown, response: Uint8Array, origin?: string) => {
    const { authorizationResponsePayload } = await client.createOpenid4vpAuthorizationResponse({
      authorizationRequestPayload: payload as never,
      authorizationResponsePayload: { vp_token: { age: [toBase64Url(response)] } },
      ...(origin !== undefined && { origin }),
    });
    return authorizationResponsePayload;
  };
  return {
    /** What it posts for an `av://` address, and where. `nonce`: another than the request's. */
    async redirect(address: string, change = unchanged, nonce?: string) {
      const parsed = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: address });
      const resolved = await client.resolveOpenId4vpAuthorizationRequest({
        authorizationRequestPayload: parsed.params as never,
      });
      const asked = resolved.authorizationRequestPayload as { nonce: string; response_uri: string };
      const session = {
        clientId: resolved.client.effective,
        nonce: nonce ?? asked.nonce,
        responseUri: asked.response_uri,
      };
      const transcript = await SessionTranscript.forOid4Vp(session, owfContext);
      const answer = await answered(asked, await present(transcript, change));
      const fields = new URLSearchParams({
        vp_token: JSON.stringify(answer.vp_token),
        state: String(answer.state),
      });
      return { responseUri: asked.response_uri, fields };
    },

    /** `credential.data` for a request of `openid4vp-v1-unsigned` from a page of `origin`. */
    async openid4vp(data: unknown, origin: string, change = unchanged) {
      const parsed = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: data as never });
      const resolved = await client.resolveOpenId4vpAuthorizationRequest({
        authorizationRequestPayload: parsed.params as never,
        origin,
      });
      const { nonce } = resolved.authorizationRequestPayload as { nonce: string };
      const transcript = await SessionTranscript.forOid4VpDcApi({ origin, nonce }, owfContext);
      return answered(resolved.authorizationRequestPayload, await present(transcript, change), origin);
    },

    /** `credential.data` for a request of `org-iso-mdoc` from a page of `origin`. */
    async isoMdoc(data: unknown, origin: string, change = unchanged) {
      const { encryptionInfo } = data as { encryptionInfo: string };
      const transcript = await isoTranscript(origin, encryptionInfo);
      return sealedBy(encryptionInfo, transcript.encode(), await present(transcript, change));
    },
  };
}

export type TestWallet = ReturnType<typeof walletOf>;

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same response with the last P-256 signature in it (the device's) replaced by its twin (r, n − s). */
export function malleated(response: Uint8Array): Uint8Array {
  const out = response.slice();
  // A COSE signature is a byte string of 64: the head 58 40.
  let at = -1;
  for (let i = 0; i + 66 <= out.length; i += 1) if (out[i] === 0x58 && out[i + 1] === 0x40) at = i + 2;
  if (at < 0) throw new Error('no signature');
  const s = BigInt(`0x${Buffer.from(out.subarray(at + 32, at + 64)).toString('hex')}`);
  out.set(Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex'), at + 32);
  return out;
}
