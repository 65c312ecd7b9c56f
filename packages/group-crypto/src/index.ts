export { BoxError, boxPublicKey, openBox, sealToBox } from './account-box.ts';
export { GROUP_CRYPTO_ERROR_CODES, GroupCryptoError, type GroupCryptoErrorCode } from './errors.ts';
export { createGroupCrypto } from './group-crypto.ts';
export {
  certifyDevice,
  createDevice,
  createDeviceKeys,
  decodeDevice,
  encodeDevice,
  generateIdentity,
  identityFromSeed,
  readCredential,
  verifyDeviceCertificate,
} from './identity.ts';
export { DEFAULT_SUITE, FALLBACK_SUITE, LIMITS, PROTOCOL_VERSION } from './limits.ts';
export { safetyCode } from './safety-code.ts';
export type * from './types.ts';
export { inspectWelcome } from './welcome.ts';
