/** One of eight grounds, the same for the same name everywhere. */
export function groundOf(name: string): number {
  let hash = 2166136261;
  for (const char of name.normalize('NFC').toLowerCase()) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  }
  return (hash >>> 0) % 8;
}

/** One or two letters of a name: its first, and the first after a `.`, `_` or `-`. */
export function lettersOf(name: string): string {
  const [first = '?', second = ''] = name
    .normalize('NFC')
    .split(/[._-]+/u)
    .filter(Boolean)
    .map((part) => [...part][0] ?? '');
  return (first + second).toLocaleUpperCase();
}
