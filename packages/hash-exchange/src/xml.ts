import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { bad } from './types.ts';

/** An element with its children in the order in which they stand: one child or many read alike. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Its own text, trimmed. Never a number. */
  readonly text: string;
}

const deepest = 64;

/** Nothing is guessed: no value becomes a number or a truth value, and there are no entities but XML's own five. */
const options = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  htmlEntities: false,
  maxNestedTags: deepest,
} as const;
const parser = new XMLParser(options);

type Node = Readonly<Record<string, unknown>>;

const texts = '#text';
const attributesOf = ':@';

function elementOf(node: Node): Element | undefined {
  const name = Object.keys(node).find((key) => key !== attributesOf);
  if (name === undefined || name === texts) return undefined;
  const inner = (node[name] ?? []) as readonly Node[];
  return {
    name,
    attributes: (node[attributesOf] ?? {}) as Readonly<Record<string, string>>,
    children: inner.flatMap((child) => elementOf(child) ?? []),
    text: inner
      .map((child) => (typeof child[texts] === 'string' ? child[texts] : ''))
      .join('')
      .trim(),
  };
}

function rootOf(document: string, by: XMLParser): Element {
  let nodes: readonly Node[];
  try {
    nodes = by.parse(document) as readonly Node[];
  } catch {
    return bad('the answer is no XML that can be read');
  }
  const [root, ...others] = nodes.flatMap((node) => elementOf(node) ?? []);
  return root === undefined || others.length > 0 ? bad('the answer has no root element') : root;
}

/** Reads documents of which some elements are many: these are read one at a time, when they are asked for. */
export interface XmlReader {
  /** See `parseXml`. */
  parse(text: string): Element;
  /** An element with its children. */
  unfold(element: Element): Element;
}

/** `many`: paths of the elements that are many, like `a.b.c`. A page of a thousand as one tree would be megabytes that outlive their use. */
export function xmlReader(many: readonly string[]): XmlReader {
  const outer = new XMLParser({ ...options, stopNodes: [...many] });
  const names = new Set(many.map((path) => path.slice(path.lastIndexOf('.') + 1)));
  return {
    parse: (text) => rootOf(checked(text), outer),
    unfold(element) {
      if (!names.has(element.name) || element.children.length > 0) return element;
      const whole = rootOf(`<${element.name}>${element.text}</${element.name}>`, parser);
      return { ...whole, attributes: element.attributes };
    },
  };
}

/** @throws {ExchangeError} */
function checked(text: string): string {
  const document = text.trim();
  if (/<!(DOCTYPE|ENTITY)/i.test(document)) bad('the answer has a document type');
  return XMLValidator.validate(document) === true ? document : bad('the answer is no well-formed XML');
}

/**
 * The root element of a document. A document type is refused before anything is parsed, and with it every entity that somebody
 * could define. @throws {ExchangeError} `bad_answer`
 */
export const parseXml = (text: string): Element => rootOf(checked(text), parser);

export const childrenOf = (element: Element | undefined, name: string): readonly Element[] =>
  element?.children.filter((child) => child.name === name) ?? [];

export const childOf = (element: Element | undefined, name: string): Element | undefined =>
  element?.children.find((child) => child.name === name);

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it stands in a document of ours. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (one) => escapes[one] ?? '');
