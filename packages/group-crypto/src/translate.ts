import {
  CodecError,
  CryptoError,
  CryptoVerificationError,
  MlsError,
  ValidationError,
} from 'ts-mls/mlsError.js';
import { GroupCryptoError, type GroupCryptoErrorCode } from './errors.ts';

// ts-mls tells its refusals apart by text only; the version is pinned exactly, and tests hold each of these.
const BY_TEXT: readonly [text: string, code: GroupCryptoErrorCode][] = [
  ['Desired generation too far in the future', 'too_far_ahead'],
  ['Desired gen in the past', 'too_old'],
  ['epoch too old', 'too_old'],
  ['Cannot process commit or proposal from former epoch', 'wrong_epoch'],
  ['Could not validate epoch', 'wrong_epoch'],
  ['Could not validate credential', 'bad_credential'],
  ['not within Lifetime', 'key_package_expired'],
  ['Update path is required', 'would_not_evict'],
  ['No matching secret found', 'not_member'],
  ['unmerged_leaves', 'would_not_be_joinable'],
  ['Invalid CipherSuite', 'unsupported_suite'],
  ['for someone already in the group', 'already_member'],
  ['represent the same client', 'already_member'],
  ['signature keys not unique', 'already_member'],
];

/**
 * Any thrown value as a {@link GroupCryptoError}.
 * @param fallback the code for what is neither ours nor typed by ts-mls: on parsing paths that is bad input
 */
export function toGroupCryptoError(
  error: unknown,
  what: string,
  fallback: GroupCryptoErrorCode,
): GroupCryptoError {
  if (error instanceof GroupCryptoError) return error;
  const options = { cause: error };
  if (error instanceof DOMException && error.name === 'NotSupportedError')
    return new GroupCryptoError('unavailable', `${what}: not supported by this WebCrypto`, options);
  if (!(error instanceof MlsError)) return new GroupCryptoError(fallback, `${what}: refused`, options);
  const known = BY_TEXT.find(([text]) => error.message.includes(text));
  if (known !== undefined) return new GroupCryptoError(known[1], `${what}: ${known[0]}`, options);
  if (error instanceof CodecError) return new GroupCryptoError('malformed', `${what}: malformed`, options);
  if (error instanceof CryptoError || error instanceof CryptoVerificationError)
    return new GroupCryptoError('not_authentic', `${what}: not authentic`, options);
  if (error instanceof ValidationError)
    return new GroupCryptoError('invalid_message', `${what}: invalid`, options);
  return new GroupCryptoError(fallback, `${what}: refused`, options);
}

/** Runs `work` so that nothing but a {@link GroupCryptoError} leaves it. */
export async function guarded<T>(
  what: string,
  fallback: GroupCryptoErrorCode,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toGroupCryptoError(error, what, fallback);
  }
}

/** The synchronous {@link guarded}. */
export function guardedSync<T>(what: string, fallback: GroupCryptoErrorCode, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toGroupCryptoError(error, what, fallback);
  }
}
