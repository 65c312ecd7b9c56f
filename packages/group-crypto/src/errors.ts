/**
 * Everything that can go wrong, as a closed list. A code is stable: callers branch on it and words for people
 * are chosen by it. The message is for developers and never carries key material, identities or content.
 */
export const GROUP_CRYPTO_ERROR_CODES = [
  /** The bytes are no canonical encoding of what was expected, or exceed a limit. */
  'malformed',
  /** The bytes are well formed but larger than {@link LIMITS} allow. */
  'too_large',
  /** An argument of the caller is outside its domain (a programming error, never caused by a peer). */
  'bad_argument',
  /** A commit or proposal for another epoch than the current one, or a message from an epoch not reached yet. */
  'wrong_epoch',
  /** The message belongs to another group than the state. */
  'unknown_group',
  /** The device concerned has no leaf in the group (removed, or never was a member). */
  'not_member',
  /** The device concerned already has a leaf in the group. */
  'already_member',
  /** The message was decrypted before. */
  'replayed',
  /** Its keys are gone, dropped or perhaps used: an epoch or generation older than the tolerance. */
  'too_old',
  /** More than 20 000 messages of one sender in one epoch were skipped. */
  'too_far_ahead',
  /** The message was sent by this very device; its effect is applied when the server accepts it. */
  'own_message',
  /** The credential is malformed, or its certificate is not of its identity key, or ran out. */
  'bad_credential',
  /** The credential is sound, but the caller's `trust` refuses its account and identity key. */
  'untrusted_identity',
  /** A signature, tag or ciphertext does not verify. */
  'not_authentic',
  /** The key package is outside its lifetime, or its lifetime is longer than allowed. */
  'key_package_expired',
  /** Another cipher suite than the two supported, or than the group's. */
  'unsupported_suite',
  /** Another version of our own protocol in the group context. */
  'unsupported_version',
  /** A commit with a removal but no new path: the removed device could go on reading. */
  'would_not_evict',
  /** The commit would make a ratchet tree that ts-mls refuses on join; update own keys, then try again. */
  'would_not_be_joinable',
  /** More than 64 leaves. */
  'group_full',
  /** A kind of proposal, or of external join, that our policy does not allow. */
  'forbidden_proposal',
  /** The message is valid MLS but breaks a rule of RFC 9420 that has no code of its own. */
  'invalid_message',
  /** The platform lacks a primitive (WebCrypto Ed25519, X25519). */
  'unavailable',
] as const;

/** One of {@link GROUP_CRYPTO_ERROR_CODES}. */
export type GroupCryptoErrorCode = (typeof GROUP_CRYPTO_ERROR_CODES)[number];

/** The only error that this package throws. */
export class GroupCryptoError extends Error {
  readonly code: GroupCryptoErrorCode;

  constructor(code: GroupCryptoErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'GroupCryptoError';
    this.code = code;
  }
}
