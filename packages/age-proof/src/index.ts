export { type Anchor, attestationUses, readAnchor } from './chain.ts';
export { maxResponseBytes } from './examine.ts';
export { isoMdocRequest, openIsoMdoc } from './iso-mdoc.ts';
export { type Primitives, webPrimitives } from './keys.ts';
export {
  openid4vpDcRequest,
  type RedirectRequest,
  readVpToken,
  redirectAddress,
  redirectClientId,
} from './openid4vp.ts';
export { type RefusalCode, refusals, type Verdict } from './refusals.ts';
export { spentTag } from './spent.ts';
export {
  type DcApiSession,
  dcApiTranscript,
  type IsoMdocSession,
  isoMdocTranscript,
  type RedirectSession,
  redirectTranscript,
} from './transcript.ts';
export {
  type AgeProfile,
  euProofOfAge,
  type ProofOfAge,
  type ProofTerms,
  verifyProofOfAge,
} from './verify.ts';
