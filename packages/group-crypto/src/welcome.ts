import { decodeMessage, ourSuite } from './codec.ts';
import { LIMITS } from './limits.ts';
import type { WelcomeFacts } from './server-types.ts';

/**
 * The KeyPackageRefs that a Welcome is addressed to: the server routes by them, a device finds its key package.
 * @param bytes MLSMessage(Welcome)
 * @throws GroupCryptoError `malformed`, `too_large`, `unsupported_suite`
 */
export function inspectWelcome(bytes: Uint8Array): WelcomeFacts {
  const { welcome } = decodeMessage('mls_welcome', bytes, LIMITS.handshakeMessage);
  return { suite: ourSuite(welcome.cipherSuite), refs: welcome.secrets.map((secret) => secret.newMember) };
}
