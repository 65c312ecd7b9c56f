/** What whoever was refused because of a case showed in answer. Counts and words, never a key or the hash of a picture. */
export interface ShownConsent {
  /** Records that could be read. */
  readonly records: number;
  /** Those of them that the giver in them signed. The figures below are of these alone. */
  readonly genuine: number;
  /** Different keys that gave them. */
  readonly givers: number;
  /** Whose time had not run out; whether one was taken back, a record does not tell. */
  readonly inForce: number;
  /** Those to the very picture of this case; null where the case has no picture's bytes to compare with. */
  readonly samePicture: number | null;
  readonly words: string;
}
