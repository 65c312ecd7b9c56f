import { type Anchor, trustedSigner } from './chain.ts';
import { type Attested, examine } from './examine.ts';
import { type Primitives, webPrimitives } from './keys.ts';
import { refuse, type Verdict, verdict } from './refusals.ts';

/** A kind of attestation whose one claim is that its holder is of age. */
export interface AgeProfile {
  readonly docType: string;
  readonly nameSpace: string;
  readonly element: string;
}

/**
 * The EU's proof of age (age verification profile, annex A). The only one that a production build believes; a test
 * issuer has a document type of its own, so that no setting can let its proofs in.
 */
export const euProofOfAge: AgeProfile = {
  docType: 'eu.europa.ec.av.1',
  nameSpace: 'eu.europa.ec.av.1',
  element: 'age_over_18',
};

/** What a proof is held to. */
export interface ProofTerms {
  /** CBOR of the SessionTranscript that we made for this session: see `transcript…`. */
  readonly sessionTranscript: Uint8Array;
  readonly anchors: readonly Anchor[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** {@link euProofOfAge} unless a test says otherwise. */
  readonly profile?: AgeProfile;
  /** WebCrypto unless given; on Node `nodePrimitives` answers sooner. */
  readonly primitives?: Primitives;
}

/** All that is learnt of an adult. Neither value may be kept as it is: see {@link spentTag}. */
export interface ProofOfAge {
  readonly msoDigest: Uint8Array;
  /** Milliseconds since 1970; a value that the issuer could match. */
  readonly validUntil: number;
}

/** @throws {Refusal} `claim_…` */
export function requireClaim({ elements }: Attested, { nameSpace, element }: AgeProfile): void {
  const claims = elements.get(nameSpace);
  if (claims === undefined || !claims.has(element)) refuse('claim_missing');
  const value = claims.get(element);
  if (typeof value !== 'boolean') refuse('claim_type');
  if (value !== true) refuse('claim_false');
}

/**
 * Verifies a presentation of a proof of age: pure and offline, every rule of the profile, nothing fetched that it
 * names.
 * @param response CBOR of a DeviceResponse, at most 64 kB
 * @returns what to mark as spent, or a code; never rejects whatever the bytes are
 */
export function verifyProofOfAge(response: Uint8Array, terms: ProofTerms): Promise<Verdict<ProofOfAge>> {
  const { sessionTranscript, anchors, now, profile = euProofOfAge, primitives = webPrimitives } = terms;
  return verdict(async () => {
    const attested = await examine(response, {
      docType: profile.docType,
      now,
      signer: (header) => trustedSigner(header, anchors, now, primitives),
      transcript: sessionTranscript,
      primitives,
    });
    requireClaim(attested, profile);
    return { msoDigest: attested.msoDigest, validUntil: attested.validUntil };
  });
}
