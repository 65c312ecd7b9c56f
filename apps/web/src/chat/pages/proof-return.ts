export interface ProofReturn {
  readonly proofId: string;
  readonly response: string;
}

/**
 * What a wallet or provider came back with. A wallet's is `?proof=<id>#response=<text>`: the response travels in
 * the fragment, which no server log sees. A provider's has a `state` that begins with the proof's id, in the query or
 * the fragment, and is passed on whole. Null where one did not come from there.
 */
export function readProofReturn(search: string, hash: string): ProofReturn | null {
  const [query, fragment] = [new URLSearchParams(search), new URLSearchParams(hash.replace(/^#/, ''))];
  const proofId = query.get('proof');
  const response = fragment.get('response');
  if (proofId !== null && response !== null) return { proofId, response };
  const state = query.get('state') ?? fragment.get('state');
  const id = /^([\da-f-]{36})\./.exec(state ?? '')?.[1];
  return id === undefined ? null : { proofId: id, response: query.has('state') ? search : hash };
}

/** Whether a wallet or provider led back without what {@link readProofReturn} needs. */
export function cameBackEmpty(search: string): boolean {
  const query = new URLSearchParams(search);
  return ['proof', 'state', 'code', 'error'].some((name) => query.has(name));
}
