/** Every way in which a sealed picture is refused; stable, one for each cause, told to nobody but the device's owner. */
export const sealedMediaCodes = [
  'malformed',
  'too_large',
  'too_many_pixels',
  'not_canonical',
  'not_still',
  'not_upright',
  'not_opaque',
  'franking_mismatch',
  'tag_not_authentic',
  'attestation_not_authentic',
  'attestation_unknown_key',
  'attestation_other_picture',
  'attestation_not_yet',
  'attestation_expired',
  'ciphertext_changed',
  'key_swapped',
  'not_openable',
  'plaintext_changed',
  'commitment_mismatch',
  'hash_differs',
  'hash_uncertain',
  'consent_not_authentic',
  'grant_not_authentic',
  'grant_other_picture',
  'grant_other_receiver',
  'grant_expired',
] as const;

export type SealedMediaCode = (typeof sealedMediaCodes)[number];

/** A refusal with its code; the message is for developers. */
export class SealedMediaError extends Error {
  override readonly name = 'SealedMediaError';
  readonly code: SealedMediaCode;

  constructor(code: SealedMediaCode, detail?: string) {
    super(detail === undefined ? code : `${code}: ${detail}`);
    this.code = code;
  }
}
