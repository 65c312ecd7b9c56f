/** Limits of the delivery service; the socket, the routes and the clients read them here. */
export const limits = {
  /** Bytes of one MLS application message. */
  messageBytes: 65_536,
  /** Bytes of one commit, welcome or group info (64 leaves under X-Wing fit). */
  handshakeBytes: 524_288,
  keyPackageBytes: 8_192,
  /** One-time key packages that a device keeps in stock. */
  keyPackages: 100,
  /** Days an unacknowledged item waits. */
  inboxDays: 30,
  groupLeaves: 64,
} as const;

/** Limits of sealed pictures. */
export const mediaLimits = {
  /** Bytes of a ciphertext: a picture of `maxPictureBytes` with its head and its chunks' tags. */
  ciphertextBytes: 8_390_689,
  /** Bytes of one part of an upload. */
  partBytes: 1_048_576,
  receivers: 64,
  /** People beside the sender who can be in a picture. */
  consents: 8,
  /** Bytes that only the asked one opens. */
  sealedBytes: 8_192,
  /** Bytes of a signed consent record. */
  recordBytes: 4_096,
  /** Days that a question waits. */
  consentDays: 7,
  /** How often the asked one may look before answering. */
  consentViews: 10,
  /** Pictures in one check. */
  checks: 100,
  /** Bytes of a sealed report. */
  reportBytes: 262_144,
  /** Hours for which a used-up picture can still be reported. */
  reportHours: 72,
} as const;
