/** What the delivery service reads of messages. Holds no key, decrypts nothing, loads no HPKE. */
export { GROUP_CRYPTO_ERROR_CODES, GroupCryptoError, type GroupCryptoErrorCode } from './errors.ts';
export { readHeader } from './header.ts';
export { readCredential, verifyDeviceCertificate } from './identity.ts';
export { inspectCommit } from './inspect-commit.ts';
export { inspectGroupInfo } from './inspect-group-info.ts';
export { inspectKeyPackage } from './inspect-key-package.ts';
export { DEFAULT_SUITE, FALLBACK_SUITE, LIMITS, PROTOCOL_VERSION } from './limits.ts';
export type * from './server-types.ts';
export { inspectWelcome } from './welcome.ts';
