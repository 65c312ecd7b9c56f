const storageKey = 'accord.member';

/** Remembers that this browser belongs to a member, so that the start page leads on; says nothing of whom. */
export function rememberVisit(member: boolean): void {
  try {
    if (member) localStorage.setItem(storageKey, '1');
    else localStorage.removeItem(storageKey);
  } catch {
    // Storage can be forbidden: the start page then simply asks again.
  }
}

/** Whether a member was here before. */
export function visitedBefore(): boolean {
  try {
    return localStorage.getItem(storageKey) === '1';
  } catch {
    return false;
  }
}
