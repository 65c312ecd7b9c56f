import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { bad, ExchangeError } from './types.ts';

/** An element with its children in the order in which they stand: one child or many read alike. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Its own text, trimmed. Never a number. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const deepest = 64;

const withoutPrefix = (name: string): string => name.slice(name.indexOf(':') + 1);

function attributesOf({ attributes }: SaxesTagPlain): Record<string, string> {
  const own: Record<string, string> = {};
  for (const name in attributes) own[withoutPrefix(name)] = attributes[name] as string;
  return own;
}

/** Elements of which a document has many: read one at a time, and in no tree that outlives their use. */
export interface Many {
  /** Their paths from the root, like `a.b.c`. */
  readonly paths: ReadonlySet<string>;
  /** Called with each, in the order of the document. */
  each(element: Element): void;
}

const none: Many = { paths: new Set(), each: () => {} };

/**
 * The root element of a document, without those that are many. Nothing is guessed: no value becomes a number or a truth value, and
 * there are no entities but XML's own five. A document type is refused where it stands, and with it every entity that somebody
 * could define. @throws {ExchangeError} `bad_answer`
 */
export function parseXml(text: string, { paths, each }: Many = none): Element {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const names = new Set([...paths].map((path) => path.slice(path.lastIndexOf('.') + 1)));
  const open: Open[] = [];
  let root: Element | undefined;
  parser.on('doctype', () => bad('the answer has a document type'));
  parser.on('opentag', (tag) => {
    if (open.length === deepest) bad('the answer is too deep');
    open.push({
      name: withoutPrefix(tag.name),
      attributes: attributesOf(tag),
      children: [],
      text: '',
    });
  });
  const read = (piece: string) => {
    const inner = open.at(-1);
    if (inner !== undefined) inner.text += piece;
  };
  parser.on('text', read);
  parser.on('cdata', read);
  parser.on('closetag', () => {
    const { name, attributes, children, text: own } = open.pop() as Open;
    const element = { name, attributes, children, text: own.trim() };
    const above = open.at(-1);
    if (above === undefined) root = element;
    else if (names.has(name) && paths.has([...open.map((one) => one.name), name].join('.'))) each(element);
    else above.children.push(element);
  });
  try {
    parser.write(text.trim()).close();
  } catch (error) {
    if (error instanceof ExchangeError) throw error;
    return bad('the answer is no XML that can be read');
  }
  return root ?? bad('the answer has no root element');
}

export const childrenOf = (element: Element | undefined, name: string): readonly Element[] =>
  element?.children.filter((child) => child.name === name) ?? [];

export const childOf = (element: Element | undefined, name: string): Element | undefined =>
  element?.children.find((child) => child.name === name);

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it stands in a document of ours. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (one) => escapes[one] ?? '');
