import { type Bytes, digest } from './bytes.ts';
import { encodeCbor, type Writable } from './cbor.ts';

/*
 * Session transcripts: what binds a wallet's signature to one request of ours. Each is CBOR of
 * `[null, null, handover]`, made from what we asked and where we stand, never from what came back.
 */

async function transcript(name: string, info: Writable): Promise<Bytes> {
  return encodeCbor([null, null, [name, await digest('SHA-256', encodeCbor(info))]]);
}

/** A request of OpenID4VP by redirect, response mode `direct_post` (OpenID4VP 1.0 appendix B.2.6.1). */
export interface RedirectSession {
  /** With its prefix: `redirect_uri:https://…`. */
  readonly clientId: string;
  readonly nonce: string;
  readonly responseUri: string;
  /** SHA-256 thumbprint (RFC 7638) of the key that the response is encrypted to; none when it is not. */
  readonly jwkThumbprint?: Uint8Array;
}

/** Transcript of OpenID4VP by redirect. */
export const redirectTranscript = (session: RedirectSession): Promise<Bytes> =>
  transcript('OpenID4VPHandover', [
    session.clientId,
    session.nonce,
    session.jwkThumbprint ?? null,
    session.responseUri,
  ]);

/** A request of OpenID4VP over the Digital Credentials API (OpenID4VP 1.0 appendix B.2.6.2). */
export interface DcApiSession {
  /** Our origin by configuration, such as `https://example.org`. */
  readonly origin: string;
  readonly nonce: string;
  readonly jwkThumbprint?: Uint8Array;
}

/** Transcript of OpenID4VP over the Digital Credentials API. */
export const dcApiTranscript = (session: DcApiSession): Promise<Bytes> =>
  transcript('OpenID4VPDCAPIHandover', [session.origin, session.nonce, session.jwkThumbprint ?? null]);

/** A request of `org-iso-mdoc` over the Digital Credentials API (ISO/IEC TS 18013-7 annex C). */
export interface IsoMdocSession {
  readonly origin: string;
  /** The base64url text that the request carried. */
  readonly encryptionInfo: string;
}

/** Transcript of `org-iso-mdoc`. */
export const isoMdocTranscript = (session: IsoMdocSession): Promise<Bytes> =>
  transcript('dcapi', [session.encryptionInfo, session.origin]);
