/** What a time-stamping authority says of a hash (RFC 3161), checked. */
export interface Stamp {
  /** Milliseconds since 1970 UTC, as the authority says. */
  readonly at: number;
  /** OID of the policy under which it was given. */
  readonly policy: string;
  /** SHA-256 of the certificate that signed, hex. */
  readonly certificate: string;
}

/** A stamp that can't be used. The message is a clause: "the stamp …". */
export class StampError extends Error {}

/** A question to an authority: SHA-256, with a nonce of 8 bytes, asking for its certificate. DER. */
export function stampRequest(hash: Uint8Array, nonce: Uint8Array, policy?: string): Buffer;

/** The token in an authority's answer. @throws {StampError} unless it was granted */
export function tokenOf(response: Uint8Array): Buffer;

/**
 * Checks a token: that it is over this hash, under this policy and nonce where they are given, and signed by a certificate that is
 * among the pinned ones (PEM) or leads to one of them by issuers that the token brings along, is made for time-stamping and, like each
 * of those, was valid then. Revocation is not asked about. @throws {StampError}
 */
export function checkStamp(
  token: Uint8Array,
  expected: {
    readonly hash: Uint8Array;
    readonly certificates: string;
    readonly nonce?: Uint8Array;
    readonly policy?: string;
  },
): Stamp;
