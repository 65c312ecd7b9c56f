/**
 * Advisory locks of the database that Accord takes, each for one purpose. The numbers are arbitrary and must
 * stay: two versions that run side by side have to mean the same lock.
 */
export const databaseLocks = {
  /** Held while migrations run. */
  migrate: 4_207_001,
  /** Held by the one server that works on a managed database. */
  server: 4_207_002,
  /** Held by the process that does the housekeeping. */
  housekeeping: 4_207_003,
  /** Held by the process that looks after the legal clocks. */
  deskClocks: 4_207_040,
  /** Held by the process that sends statements of reasons. */
  statements: 4_207_041,
  /** Held by the process that tells peers what was shared. */
  exchangeTellings: 4_207_070,
  /** Plus an exchange's number: held by the process that fetches from it. */
  exchangeFetch: 4_207_070_000,
  /** Held by the process that asks for time stamps. */
  stamps: 4_207_042,
} as const;
