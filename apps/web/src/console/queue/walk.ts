/** The lines of the queue as they were last shown, so that j and k lead on from within a case. */
let shown: readonly string[] = [];
let from = '/console';

export function rememberQueue(ids: readonly string[], address: string): void {
  shown = ids;
  from = address;
}

/** Where the queue was left. */
export const queueAddress = (): string => from;

/** The case `step` lines further, or null at an end. */
export function neighbour(caseId: string, step: 1 | -1): string | null {
  const at = shown.indexOf(caseId);
  return at === -1 ? null : (shown[at + step] ?? null);
}
