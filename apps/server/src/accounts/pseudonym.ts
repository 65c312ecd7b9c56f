import { Refusal } from '../platform/refusal.ts';

/**
 * Letters and digits that pass for one another in a name, by the Latin one that stands for all of them: Cyrillic
 * and Greek look-alikes of either case (after folding), and the usual digits. A short list on purpose (the full
 * table is Unicode TR 39): it has what a keyboard gives.
 */
const lookAlikes: Readonly<Record<string, string>> = {
  a: 'аαɑ',
  b: 'вβ',
  c: 'сϲ',
  d: 'ԁ',
  e: 'еεҽ',
  g: 'ɡց',
  h: 'нһη',
  i: 'іιıl1ӏ|',
  j: 'јϳ',
  k: 'кκ',
  m: 'мμ',
  n: 'ո',
  o: 'оοσօ0',
  p: 'рρ',
  q: 'ԛ',
  s: 'ѕ',
  t: 'тτ',
  u: 'υս',
  v: 'νѵ',
  w: 'ԝω',
  x: 'хχ',
  y: 'уγү',
  z: 'ζ',
};

const skeleton: ReadonlyMap<string, string> = new Map(
  Object.entries(lookAlikes).flatMap(([latin, others]) =>
    [...others].map((other) => [other, latin] as const),
  ),
);

/** Full case folding, near enough: `ß` is `ss`, the final sigma a sigma, in no locale. */
const fold = (text: string): string => text.toUpperCase().toLowerCase().replaceAll('ς', 'σ');

/**
 * Under what a pseudonym is unique: compatibility forms (NFKC) and case are one, so are letters that look alike,
 * and separators don't count. Accents do: « rené » and « rene » are two people. Only compared, never shown.
 * @throws {Refusal} `invalid_input` for a name with characters that can't be seen
 */
export function pseudonymKey(pseudonym: string): string {
  if (/\p{Default_Ignorable_Code_Point}/u.test(pseudonym)) {
    throw new Refusal('invalid_input', { field: 'pseudonym' });
  }
  const folded = fold(fold(pseudonym.normalize('NFKC')).normalize('NFKC'));
  const key = [...folded].map((letter) => skeleton.get(letter) ?? letter).join('');
  return key.replaceAll(/[._-]/g, '').normalize('NFC');
}
