import { refuse } from '../refusals.ts';

/*
 * The part of XML 1.0 with namespaces that a trusted list needs. No document type, so no entities but the five;
 * no processing instruction; comments are dropped, and the text around one stays one text.
 */

export interface Attribute {
  readonly prefix: string;
  readonly local: string;
  readonly space: string;
  readonly value: string;
}

export interface Element {
  readonly prefix: string;
  readonly local: string;
  readonly space: string;
  /** Without namespace declarations. */
  readonly attributes: readonly Attribute[];
  /** Namespaces in scope by prefix; '' is the default one. */
  readonly scope: ReadonlyMap<string, string>;
  readonly children: readonly (Element | string)[];
}

const maxLength = 16_000_000;
const maxDepth = 64;
const maxAttributes = 64;
const bad = (): never => refuse('list_malformed');
const name = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y;
const space = /[ \t\n]*/y;
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };
const xmlSpace = 'http://www.w3.org/XML/1998/namespace';

function character(reference: string): string {
  const code = reference.startsWith('#x')
    ? Number.parseInt(reference.slice(2), 16)
    : Number(reference.slice(1));
  if (code > 0x10ffff) bad();
  const text = String.fromCodePoint(code);
  return forbidden.test(text) ? bad() : text;
}

/** Text with its references replaced. */
function unreferenced(text: string): string {
  return text.replaceAll(/&(?:(#x[\dA-Fa-f]+|#\d+|\w+);)?/g, (_, reference: string | undefined) => {
    if (reference === undefined) return bad();
    if (reference.startsWith('#')) return character(reference);
    return Object.hasOwn(entities, reference) ? (entities[reference] as string) : bad();
  });
}

type RawAttribute = readonly [string, string];

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Element {
    if (this.#text.startsWith('<?xml ')) this.#skipTo('?>');
    this.#between();
    const root = this.#element(new Map([['xml', xmlSpace]]), 0);
    this.#between();
    return this.#at === this.#text.length ? root : bad();
  }

  /** White space and comments around the root. */
  #between(): void {
    for (;;) {
      this.#match(space);
      if (!this.#text.startsWith('<!--', this.#at)) return;
      this.#comment();
    }
  }

  #comment(): void {
    this.#at += 4;
    this.#skipTo('--');
    this.#expect('>');
  }

  /** What stands before a mark; goes behind it. */
  #skipTo(mark: string): string {
    const end = this.#text.indexOf(mark, this.#at);
    if (end < 0) bad();
    const found = this.#text.slice(this.#at, end);
    this.#at = end + mark.length;
    return found;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? bad();
    this.#at += found.length;
    return found;
  }

  #expect(mark: string): void {
    if (!this.#text.startsWith(mark, this.#at)) bad();
    this.#at += mark.length;
  }

  #element(outer: ReadonlyMap<string, string>, depth: number): Element {
    if (depth > maxDepth) bad();
    this.#expect('<');
    const qualified = this.#match(name);
    const raw = this.#attributes();
    const scope = scopeOf(raw, outer);
    const [prefix, local] = split(qualified);
    const head = {
      prefix,
      local,
      space: resolve(prefix, scope),
      attributes: attributesOf(raw, scope),
      scope,
    };
    if (this.#text.startsWith('/>', this.#at)) {
      this.#at += 2;
      return { ...head, children: [] };
    }
    this.#expect('>');
    const children = this.#content(scope, depth);
    this.#expect(qualified);
    this.#match(space);
    this.#expect('>');
    return { ...head, children };
  }

  #attributes(): readonly RawAttribute[] {
    const out: RawAttribute[] = [];
    for (;;) {
      const gap = this.#match(space);
      const next = this.#text[this.#at];
      if (next === '>' || next === '/') return out;
      if (gap === '') bad();
      const qualified = this.#match(name);
      this.#match(space);
      this.#expect('=');
      this.#match(space);
      const quote = this.#text[this.#at];
      if (quote !== '"' && quote !== "'") bad();
      this.#at += 1;
      const value = this.#skipTo(quote as string);
      if (value.includes('<') || out.some(([known]) => known === qualified)) bad();
      if (out.length === maxAttributes) bad();
      out.push([qualified, unreferenced(value.replaceAll(/[\t\n]/g, ' '))]);
    }
  }

  #content(scope: ReadonlyMap<string, string>, depth: number): readonly (Element | string)[] {
    const out: (Element | string)[] = [];
    const say = (text: string) => {
      if (text === '') return;
      if (typeof out.at(-1) === 'string') out.push(out.pop() + text);
      else out.push(text);
    };
    for (;;) {
      const end = this.#text.indexOf('<', this.#at);
      if (end < 0) bad();
      const text = this.#text.slice(this.#at, end);
      if (text.includes(']]>')) bad();
      say(unreferenced(text));
      this.#at = end;
      if (this.#text.startsWith('</', end)) {
        this.#at += 2;
        return out;
      }
      if (this.#text.startsWith('<!--', end)) this.#comment();
      else if (this.#text.startsWith('<![CDATA[', end)) {
        this.#at += 9;
        say(this.#skipTo(']]>'));
      } else out.push(this.#element(scope, depth + 1));
    }
  }
}

function split(qualified: string): readonly [string, string] {
  const [first = '', second] = qualified.split(':');
  return second === undefined ? ['', first] : [first, second];
}

function resolve(prefix: string, scope: ReadonlyMap<string, string>): string {
  return scope.get(prefix) ?? (prefix === '' ? '' : bad());
}

function scopeOf(
  raw: readonly RawAttribute[],
  outer: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const declared = raw.filter(([qualified]) => qualified === 'xmlns' || qualified.startsWith('xmlns:'));
  if (declared.length === 0) return outer;
  const scope = new Map(outer);
  for (const [qualified, value] of declared) {
    const prefix = qualified.slice(6);
    // Only the default namespace can be undeclared, and the two reserved prefixes are not for taking.
    if (prefix === 'xml' || prefix === 'xmlns' || (prefix !== '' && value === '')) bad();
    scope.set(prefix, value);
  }
  return scope;
}

function attributesOf(
  raw: readonly RawAttribute[],
  scope: ReadonlyMap<string, string>,
): readonly Attribute[] {
  const out: Attribute[] = [];
  for (const [qualified, value] of raw) {
    if (qualified === 'xmlns' || qualified.startsWith('xmlns:')) continue;
    const [prefix, local] = split(qualified);
    const own = prefix === '' ? '' : resolve(prefix, scope);
    if (out.some((one) => one.local === local && one.space === own)) bad();
    out.push({ prefix, local, space: own, value });
  }
  return out;
}

/** The root of a document. @throws {Refusal} `list_malformed` */
export function parseXml(text: string): Element {
  const normal = text.replace(/^\u{feff}/u, '').replaceAll(/\r\n?/g, '\n');
  if (normal.length > maxLength || forbidden.test(normal)) bad();
  return new Parser(normal).document();
}

/** Child elements of a name and namespace. */
export const childrenOf = (element: Element, local: string, namespace: string): readonly Element[] =>
  element.children.filter(
    (child): child is Element =>
      typeof child !== 'string' && child.local === local && child.space === namespace,
  );

/** The only child of that name, if there is exactly one. */
export function onlyChild(
  element: Element | undefined,
  local: string,
  namespace: string,
): Element | undefined {
  const [first, ...more] = element === undefined ? [] : childrenOf(element, local, namespace);
  return more.length === 0 ? first : undefined;
}

/** Text of an element without elements in it, trimmed; '' for none. */
export function textWithin(element: Element | undefined): string {
  if (element === undefined || element.children.some((child) => typeof child !== 'string')) return '';
  return element.children.join('').trim();
}

/** Value of an attribute without a prefix. */
export const attribute = (element: Element | undefined, local: string): string | undefined =>
  element?.attributes.find((one) => one.local === local && one.space === '')?.value;
