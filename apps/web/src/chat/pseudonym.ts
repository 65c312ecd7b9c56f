/** Which of the rules of a pseudonym are met; the three together are the protocol's `pseudonym`. */
export interface PseudonymRules {
  readonly length: boolean;
  readonly characters: boolean;
  readonly ends: boolean;
}

/** A pseudonym as the server will read it. */
export const asPseudonym = (typed: string): string => typed.trim().normalize('NFC');

/** Tells which rules `typed` meets, while it is being typed. Lengths are in code points, as in the protocol. */
export function pseudonymRules(typed: string): PseudonymRules {
  const value = asPseudonym(typed);
  const length = [...value].length;
  return {
    length: length >= 3 && length <= 24,
    characters: /^[\p{L}\p{N}\p{M}._-]+$/u.test(value),
    ends: /^[\p{L}\p{N}]/u.test(value) && /[\p{L}\p{N}\p{M}]$/u.test(value),
  };
}

/** Whether every rule is met. */
export const isPseudonym = (typed: string): boolean => Object.values(pseudonymRules(typed)).every(Boolean);
