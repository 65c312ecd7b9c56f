import type { Suite } from './types.ts';

/** The default: X25519 and ML-KEM-768 together, AES-256-GCM, SHA-512, Ed25519. */
export const DEFAULT_SUITE: Suite = 'MLS_256_XWING_AES256GCM_SHA512_Ed25519';

/** Cipher suite 1 of RFC 9420, for small messages and slow devices. */
export const FALLBACK_SUITE: Suite = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';

/** Version of our own protocol, carried in the group context of every group. */
export const PROTOCOL_VERSION = 1;

/** Sizes in bytes, counts, and tolerances. */
export const LIMITS = {
  /** Leaves of a group; a join verifies every leaf, so its time grows with them (about 0.2 s at 64). */
  leaves: 64,
  groupIdMin: 16,
  groupIdMax: 32,
  /** Plaintext of one application message; pictures travel beside it. */
  plaintext: 64 * 1024,
  authenticatedData: 4 * 1024,
  /** An encoded application message: plaintext, padding and frame. */
  applicationMessage: 96 * 1024,
  /** Commit, Welcome or GroupInfo: 64 leaves under X-Wing need about 300 kB. */
  handshakeMessage: 768 * 1024,
  keyPackage: 8 * 1024,
  keyPackagesPerCall: 200,
  /** A key package may live this long, plus an hour before and after for clocks that differ. */
  keyPackageLifetimeSeconds: 30 * 86_400,
  clockSkewSeconds: 3_600,
  /** Messages of one sender that may arrive late, in an epoch. */
  lateGenerations: 64,
  /** Past epochs whose messages can still be read. */
  pastEpochs: 8,
  /** Messages of one sender that may be missing before the next, in an epoch. */
  forwardSteps: 20_000,
} as const;
