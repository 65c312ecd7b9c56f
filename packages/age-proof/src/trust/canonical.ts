import { type Bytes, encodeText } from '../bytes.ts';
import type { Attribute, Element } from './xml.ts';

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#xD;');

const escapeValue = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#x9;')
    .replaceAll('\n', '&#xA;')
    .replaceAll('\r', '&#xD;');

/** Code point order, which is not that of UTF-16 units. */
function compare(a: string, b: string): number {
  const [x, y] = [encodeText(a), encodeText(b)];
  const at = x.findIndex((byte, i) => byte !== y[i]);
  return at < 0 ? x.length - y.length : (x[at] as number) - (y[at] ?? -1);
}

const byName = (a: Attribute, b: Attribute): number => compare(a.space, b.space) || compare(a.local, b.local);

const qualified = (prefix: string, local: string): string => (prefix === '' ? local : `${prefix}:${local}`);

/** Namespaces that an element itself uses and that are not said further out. */
function declarations(
  element: Element,
  said: ReadonlyMap<string, string>,
): readonly (readonly [string, string])[] {
  const used = new Set([element.prefix]);
  for (const { prefix } of element.attributes) if (prefix !== '' && prefix !== 'xml') used.add(prefix);
  used.delete('xml');
  return [...used]
    .map((prefix) => [prefix, element.scope.get(prefix) ?? ''] as const)
    .filter(([prefix, space]) => (said.get(prefix) ?? '') !== space)
    .sort(([a], [b]) => compare(a, b));
}

function write(
  element: Element,
  said: ReadonlyMap<string, string>,
  without: Element | undefined,
  out: string[],
): void {
  const name = qualified(element.prefix, element.local);
  const spaces = declarations(element, said);
  const now = spaces.length === 0 ? said : new Map([...said, ...spaces]);
  out.push(`<${name}`);
  for (const [prefix, space] of spaces)
    out.push(` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapeValue(space)}"`);
  for (const { prefix, local, value } of element.attributes.toSorted(byName)) {
    out.push(` ${qualified(prefix, local)}="${escapeValue(value)}"`);
  }
  out.push('>');
  for (const child of element.children) {
    if (typeof child === 'string') out.push(escapeText(child));
    else if (child !== without) write(child, now, without, out);
  }
  out.push(`</${name}>`);
}

/**
 * Exclusive canonical form without comments (W3C xml-exc-c14n) of an element.
 * @param without a descendant that is left out, as the enveloped signature is
 */
export function canonical(element: Element, without?: Element): Bytes {
  const out: string[] = [];
  write(element, new Map(), without, out);
  return encodeText(out.join(''));
}
