/** What a look at an evidence folder found. `badEntry` is the first that is not what was signed, from 1. */
export interface Verified {
  readonly ok: boolean;
  readonly entries: number;
  readonly caseId: string;
  readonly head: string;
  readonly sentence: string;
  readonly badEntry: number | null;
}

/** Verifies the chain, the signatures and the files of an export, without network or database. */
export function verifyFolder(folder: string): Verified;
