/*
 * What a tab remembers while it walks to a proof of age, which may lead through another site: where one was,
 * and whether one is just becoming a member. No name, no content; gone with the tab.
 */
const placeKey = 'accord.place';
const joiningKey = 'accord.joining';

function stored(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    // Storage can be forbidden: one then comes back to the people.
    return null;
  }
}

/** Notes the page that a proof of age was asked for on. */
export function rememberPlace(path: string): void {
  stored()?.setItem(placeKey, path);
}

/** Where one goes on once age is proved. */
export const placeAfterProof = (): string => {
  const path = stored()?.getItem(placeKey);
  return path != null && /^\/(people|requests|talk|you)(\/|$)/.test(path) ? path : '/people';
};

/** Notes that this tab has made a new account, which has been nowhere yet. */
export function rememberJoining(): void {
  stored()?.setItem(joiningKey, '1');
  stored()?.removeItem(placeKey);
}

export const isJoining = (): boolean => stored()?.getItem(joiningKey) === '1';

export function endJoining(): void {
  stored()?.removeItem(joiningKey);
}
