import { type Fields, isFields, listOf, parseJson, plainValue, textOf, textsOf, wholeOf } from './read.ts';
import {
  bad,
  type Category,
  type Opinion,
  type Page,
  type Protocol,
  type Signal,
  type Update,
} from './types.ts';

/*
 * Meta's ThreatExchange, over the Graph API. One update is one indicator with every descriptor of it that we may see. The token
 * goes into a header, never into an address: the addresses of next pages carry it, and it is taken out of them before they are kept.
 */

export interface ThreatExchangeSettings {
  readonly base: string;
  readonly privacyGroup: string;
  /** Our own application's number: our descriptors and reactions come back under it. */
  readonly self?: string | undefined;
  readonly pageSize: number;
}

export const threatExchangeBase = 'https://graph.facebook.com/v21.0';

const dayMs = 86_400_000;
const fields = 'id,indicator,type,last_updated,should_delete,descriptors{id,reactions,owner{id},tags,status}';

const typeNames: Readonly<Record<string, string>> = {
  HASH_PDQ: 'pdq',
  HASH_VIDEO_MD5: 'video_md5',
  HASH_MD5: 'md5',
  HASH_URL_MD5: 'url_md5',
  TEXT_STRING: 'text',
  URI: 'url',
  RAW_URI: 'url',
};

function signalOf(type: string, indicator: string, tags: ReadonlySet<string>): Signal {
  const value = plainValue(indicator);
  if (type === 'HASH_MD5' && tags.has('media_type_video')) return { type: 'video_md5', value };
  return { type: typeNames[type] ?? type, value };
}

/** Descriptors' tags are texts, or objects with a text under `data`. */
const tagsOf = (tags: unknown): string[] =>
  isFields(tags)
    ? listOf(tags.data).flatMap((tag) => (isFields(tag) ? (textOf(tag.text) ?? []) : []))
    : textsOf(tags);

const categoryOf = (status: string): Category =>
  status === 'MALICIOUS' ? 'positive' : status === 'NON_MALICIOUS' ? 'negative' : 'seed';

/** The others (SAW_THIS_TOO, NOT_HELPFUL, …) say nothing of the picture itself. */
const reactionCategory: Readonly<Record<string, Category>> = {
  HELPFUL: 'positive',
  DISAGREE_WITH_TAGS: 'negative',
};

/** What others said by a reaction: of several of one of them agreement stands, as the reference has it. */
function reactionsOf(descriptor: Fields): Opinion[] {
  return listOf(descriptor.reactions).flatMap((reaction): Opinion[] => {
    if (!isFields(reaction)) return [];
    const said = textOf(reaction.key) ?? '';
    const owners = (textOf(reaction.value) ?? '').split(',').filter((owner) => owner !== '');
    return owners.map((source) => ({ source, category: reactionCategory[said] ?? 'seed', tags: [], said }));
  });
}

function opinionsOf(descriptors: readonly Fields[], self: string | undefined): Opinion[] {
  const byOwner = new Map<string, Opinion>();
  const rank: Readonly<Record<Category, number>> = { positive: 2, negative: 1, seed: 0 };
  for (const opinion of descriptors.flatMap(reactionsOf)) {
    const known = byOwner.get(opinion.source);
    if (known === undefined || rank[opinion.category] > rank[known.category]) {
      byOwner.set(opinion.source, opinion);
    }
  }
  // A descriptor is a word of its own, and outweighs a reaction. One without an owner is visible by mistake, and still a word.
  for (const descriptor of descriptors) {
    const source = (isFields(descriptor.owner) ? textOf(descriptor.owner.id) : undefined) ?? '?';
    const said = textOf(descriptor.status) ?? '';
    byOwner.set(source, { source, category: categoryOf(said), tags: tagsOf(descriptor.tags).sort(), said });
  }
  return [...byOwner.values()].map((opinion) =>
    self !== undefined && opinion.source === self ? { ...opinion, ours: true } : opinion,
  );
}

function updateOf(row: unknown, self: string | undefined): Update | undefined {
  if (!isFields(row)) return undefined;
  const indicator = textOf(row.indicator);
  const type = textOf(row.type);
  const at = wholeOf(row.last_updated);
  if (indicator === undefined || indicator === '' || type === undefined || at === undefined) return undefined;
  const holder = isFields(row.descriptors) ? row.descriptors.data : row.descriptors;
  const descriptors = listOf(holder).filter(isFields);
  const opinions = opinionsOf(descriptors, self);
  const signal = signalOf(type, indicator, new Set(opinions.flatMap(({ tags }) => tags)));
  return {
    // By the peer's own type: two of its types may come to one of ours, and each is deleted for itself.
    key: `${type}:${signal.value}`,
    at: at * 1000,
    // A row without descriptors is a deletion that does not say so (issue 834 of the reference).
    withdrawn: row.should_delete === true || !('descriptors' in row) || opinions.length === 0,
    signals: [signal],
    opinions,
    refs: descriptors.flatMap(({ id }) => textOf(id) ?? []),
  };
}

/** The next page's address on the same base, without the token that it carries. @throws {ExchangeError} */
function nextOf(answer: Fields, base: string, current: unknown): string | undefined {
  const given = isFields(answer.paging) ? textOf(answer.paging.next) : undefined;
  if (given === undefined || given === '') return undefined;
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    return bad('the next page is no address');
  }
  if (url.origin !== new URL(base).origin || url.username !== '') bad('the next page is elsewhere');
  url.searchParams.delete('access_token');
  const next = `${url.pathname}${url.search}`;
  return next === current ? bad('the next page is this one') : next;
}

export const threatExchange: Protocol<ThreatExchangeSettings> = {
  // Deletions are kept for ninety days.
  staleAfterMs: 85 * dayMs,

  begin: (_settings, checkpoint) => {
    const since = wholeOf(checkpoint?.since) ?? 0;
    return { since, highest: since };
  },

  restart: ({ since }) => ({ since: since ?? 0, highest: since ?? 0 }),

  // Nobody says for how long a page can be asked for; one that can't is begun anew.
  isFresh: () => true,

  request({ base, privacyGroup, pageSize }, { since, next }) {
    const query = new URLSearchParams({ start_time: String(since), limit: String(pageSize), fields });
    const url =
      typeof next === 'string'
        ? new URL(next, base).href
        : `${base}/${encodeURIComponent(privacyGroup)}/threat_updates/?${query}`;
    return { method: 'GET', url, headers: { accept: 'application/json' }, door: 'fetch' };
  },

  read({ base, self }, cursor, text): Page {
    const answer = parseJson(text);
    if (!Array.isArray(answer.data)) bad('data is missing');
    const read = listOf(answer.data).map((row) => updateOf(row, self));
    const updates = read.filter((update) => update !== undefined);
    const unread = read.length - updates.length;
    const highest = updates.reduce((most, { at }) => Math.max(most, at / 1000), wholeOf(cursor.highest) ?? 0);
    const next = nextOf(answer, base, cursor.next);
    if (next !== undefined) return { updates, unread, next: { ...cursor, next, highest } };
    return { updates, unread, next: null, checkpoint: { since: highest } };
  },

  upTo: ({ since }) => (wholeOf(since) ?? 0) * 1000,
};
