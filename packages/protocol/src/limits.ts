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
