export { answerBytes, decodeAnswer, encodeAnswer, type MatchingAnswer } from './answer.ts';
export {
  type Attestation,
  attest,
  attestationBytes,
  attestationLife,
  checkAttestation,
  readAttestation,
} from './attestation.ts';
export { type CanonicalPicture, readCanonical } from './canonical.ts';
export {
  type ConsentRecord,
  checkConsent,
  consent,
  decodeConsent,
  encodeConsent,
  isConsent,
  isWithdrawal,
  withdrawConsent,
} from './consent.ts';
export {
  type Depiction,
  type Descriptor,
  decodeDescriptor,
  depictions,
  encodeDescriptor,
  maxSide,
  type PictureType,
  type Terms,
} from './descriptor.ts';
export { type SealedMediaCode, SealedMediaError, sealedMediaCodes } from './errors.ts';
export { checkFranking, checkReport, frankingCommitment, frankingTag, type TagContext } from './franking.ts';
export { checkGrant, decodeGrant, encodeGrant, type Grant, giveGrant, grantIdOf, useGrant } from './grant.ts';
export {
  isOwner,
  isOwnerAct,
  type OwnerAct,
  type OwnerStatement,
  ownerActWindow,
  proveOwner,
  signOwnerAct,
} from './owner.ts';
export { publicKeyOf } from './primitives.ts';
export {
  type Arrived,
  admit,
  compareHash,
  hammingDistance,
  hashTolerance,
  isStale,
  openPicture,
} from './receive.ts';
export {
  decodeReport,
  encodeReport,
  maxReportedMessages,
  type Report,
  type ReportedMessage,
  reportContext,
} from './report.ts';
export { type Committed, commitmentOf, type KeyHalves, maxPictureBytes, open, seal } from './seal.ts';
