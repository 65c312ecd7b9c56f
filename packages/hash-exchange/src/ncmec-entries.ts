import { instantOf, plainValue } from './read.ts';
import { bad, type Opinion, type Signal, type Update } from './types.ts';
import { childOf, childrenOf, type Element, parseXml } from './xml.ts';

const paths: ReadonlySet<string> = new Set([
  'queryResult.images.image',
  'queryResult.images.deletedImage',
  'queryResult.videos.video',
  'queryResult.videos.deletedVideo',
]);

/** One page of entries. */
export interface Entries {
  readonly updates: readonly Update[];
  readonly unread: number;
  /** The next page's path, empty on the last. */
  readonly next: string;
}

const typeOf = (name: string): string => name.toLowerCase();
/** `Md5` of a feedback is `md5` of a fingerprint, `TMK_PDQF` is `tmk-pdqf`. */
const plain = (type: string): string => type.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Fingerprints with their value; those that are too large for the page are links, kept by their type alone. */
function signalsOf(entry: Element): { readonly signals: Signal[]; readonly elsewhere: string[] } {
  const prints = childOf(entry, 'fingerprints')?.children ?? [];
  return {
    signals: prints
      .filter(({ text }) => text !== '')
      .map(({ name, text }) => ({ type: typeOf(name), value: plainValue(text) })),
    elsewhere: prints.filter(({ text }) => text === '').map(({ name }) => `elsewhere:${typeOf(name)}`),
  };
}

const membersOf = (element: Element | undefined): string[] =>
  childrenOf(element, 'member').flatMap(({ attributes }) => attributes.id ?? []);

/** Who said it, and for which reasons. Reasons and members stand one after another; the members are of the reason before them. */
function reasonsOf(feedback: Element): { readonly member: string; readonly reason: string }[] {
  const found: { member: string; reason: string }[] = [];
  let reason = '';
  for (const child of childOf(feedback, 'reasons')?.children ?? []) {
    if (child.name === 'reason') reason = child.attributes.name ?? child.attributes.guid ?? '';
    if (child.name === 'members') {
      for (const member of membersOf(child)) found.push({ member, reason });
    }
  }
  return found;
}

function feedbackOf(entry: Element, signals: readonly Signal[]): Opinion[] {
  return (childOf(entry, 'feedback')?.children ?? []).flatMap((feedback): Opinion[] => {
    const about = plain(feedback.attributes.type ?? '');
    const of = signals.find(({ type }) => plain(type) === about)?.type;
    // About a fingerprint that this page does not hold: there is nothing that it could speak of.
    if (of === undefined) return [];
    const head = { of, said: feedback.name };
    if (feedback.name === 'affirmativeFeedback') {
      const members = childrenOf(feedback, 'members').flatMap(membersOf);
      return members.map((source) => ({ ...head, source, category: 'positive', tags: [] }));
    }
    if (feedback.name === 'negativeFeedback') {
      return reasonsOf(feedback).map(({ member, reason }) => ({
        ...head,
        source: member,
        category: 'negative',
        tags: reason === '' ? [] : [reason],
      }));
    }
    const members = feedback.children.flatMap((child) => membersOf(child));
    return members.map((source) => ({ ...head, source, category: 'seed', tags: [] }));
  });
}

/** Several reasons of one member are one opinion. */
function gathered(opinions: readonly Opinion[]): Opinion[] {
  const byVoice = new Map<string, Opinion>();
  for (const opinion of opinions) {
    const key = `${opinion.source}\n${opinion.of ?? ''}`;
    const known = byVoice.get(key);
    const graver = known?.category === 'negative' && opinion.category !== 'negative' ? known : opinion;
    byVoice.set(key, { ...graver, tags: [...new Set([...(known?.tags ?? []), ...opinion.tags])].sort() });
  }
  return [...byVoice.values()];
}

function updateOf(entry: Element, self: string | undefined): Update | undefined {
  const name = entry.name.toLowerCase();
  const withdrawn = name.startsWith('deleted');
  const kind = withdrawn ? name.slice('deleted'.length) : name;
  const member = childOf(entry, 'member')?.attributes.id;
  const id = childOf(entry, 'id')?.text;
  const at = instantOf(childOf(entry, 'timestamp')?.text);
  if (member === undefined || id === undefined || id === '' || at === undefined) return undefined;
  const { signals, elsewhere } = signalsOf(entry);
  const classification = childOf(entry, 'classification')?.text ?? '';
  const tags = [kind, ...(classification === '' ? [] : [classification]), ...elsewhere];
  const own: Opinion = { source: member, category: 'positive', tags, said: classification };
  // One that only agrees with its own entry says nothing new; one that disagrees with it is heard.
  const feedback = feedbackOf(entry, signals).flatMap((opinion) => {
    if (opinion.source !== member) return [opinion];
    return opinion.category === 'negative' ? [{ ...opinion, source: `${member}!` }] : [];
  });
  const mark = (opinion: Opinion): Opinion =>
    self !== undefined && opinion.source.replace(/!$/, '') === self ? { ...opinion, ours: true } : opinion;
  return {
    key: `${member}-${id}`,
    at,
    withdrawn,
    signals: withdrawn ? [] : signals,
    opinions: withdrawn ? [] : [own, ...gathered(feedback)].map(mark),
    refs: [member, id],
  };
}

/** @throws {ExchangeError} `bad_answer` */
export function readEntries(text: string, self: string | undefined): Entries {
  const updates: Update[] = [];
  let unread = 0;
  const keep = (entry: Element) => {
    const update = updateOf(entry, self);
    if (update === undefined) unread += 1;
    else updates.push(update);
  };
  const root = parseXml(text, { paths, each: keep });
  if (root.name !== 'queryResult') bad('the answer is no result of a query');
  // Entries of a kind that we don't know.
  for (const { name, children } of root.children) if (name !== 'paging') children.forEach(keep);
  const next = childOf(childOf(root, 'paging'), 'next')?.text ?? '';
  return { updates, unread, next };
}
