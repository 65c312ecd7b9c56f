export interface ProofReturn {
  readonly proofId: string;
  readonly response: string;
}

/**
 * What a wallet or provider came back with: `?proof=<id>#response=<text>`. The response travels in the
 * fragment, which no server log sees. Null where one did not come from there.
 */
export function readProofReturn(search: string, hash: string): ProofReturn | null {
  const proofId = new URLSearchParams(search).get('proof');
  const response = new URLSearchParams(hash.replace(/^#/, '')).get('response');
  return proofId === null || response === null ? null : { proofId, response };
}
