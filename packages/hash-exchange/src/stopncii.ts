import { type Fields, isFields, listOf, parseJson, plainValue, textOf, textsOf, wholeOf } from './read.ts';
import {
  bad,
  type Category,
  type Cursor,
  type Opinion,
  type Page,
  type Protocol,
  type Update,
} from './types.ts';

/*
 * StopNCII.org's exchange. Hashes come from people who protect themselves; participants say what became of a match. A record is a
 * snapshot of all that is known of one value.
 */

export interface StopNciiSettings {
  readonly base: string;
  /** The name under which our own feedback comes back. */
  readonly self?: string | undefined;
  readonly pageSize: number;
}

export const stopNciiBase = 'https://api.stopncii.org/v1';

const dayMs = 86_400_000;
/** Page tokens are short-lived; nobody says how short. */
const tokenLifeMs = 30 * 60_000;
/** Where the world begins, in the peer's seconds. */
const beginning = 10;

/** Our names of their types; what is not here keeps theirs. */
const types: Readonly<Record<string, string>> = {
  ImagePDQ: 'pdq',
  VideoMD5: 'md5',
  VideoTMK: 'tmk',
  Text: 'text',
  URL: 'url',
};

export const stopNciiType = (type: string): string =>
  Object.entries(types).find(([, ours]) => ours === type)?.[0] ?? type;

/** What a participant's word comes to. Words that say nothing of the picture, and those that we don't know, are seeds. */
const categoryOf = (value: string): Category =>
  value === 'Blocked' ? 'positive' : value === 'NotBlocked' ? 'negative' : 'seed';

/** Words by which a person, or a participant, takes back what they said. */
const isOver = (word: unknown): boolean => word === 'Withdrawn' || word === 'Deleted';

function feedbackOf(value: unknown, self: string | undefined): Opinion[] {
  if (!isFields(value)) return [];
  const said = textOf(value.feedbackValue) ?? '';
  const source = textOf(value.source) ?? '';
  if (isOver(said)) return [];
  const tags = [...new Set(textsOf(value.tags))].sort();
  const ours = self !== undefined && source === self;
  return [
    { source: source === '' ? '?' : source, category: categoryOf(said), tags, said, ...(ours && { ours }) },
  ];
}

/** Of several words of one participant in a snapshot the last. */
function lastOfEach(opinions: readonly Opinion[]): Opinion[] {
  return [...new Map(opinions.map((opinion) => [opinion.source, opinion])).values()];
}

function updateOf(record: unknown, self: string | undefined): Update | undefined {
  if (!isFields(record)) return undefined;
  const value = textOf(record.hashValue);
  const theirs = textOf(record.signalType);
  const at = wholeOf(record.lastModtimestamp);
  if (value === undefined || value === '' || theirs === undefined || at === undefined) return undefined;
  const signal = { type: types[theirs] ?? theirs, value: plainValue(value) };
  const status = textOf(record.hashStatus) ?? '';
  const cases = isFields(record.caseNumbers) ? Object.values(record.caseNumbers) : [];
  const regions = textsOf(record.hashRegions).map((region) => `region:${region}`);
  const feedback = listOf(record.CSPFeedbacks).flatMap((each) => feedbackOf(each, self));
  const own: Opinion = { source: 'case', category: 'seed', tags: regions, said: status };
  return {
    key: `${signal.type}:${signal.value}`,
    at: at * 1000,
    // By its status, never by its value; and also where nobody is left who asked.
    withdrawn: isOver(status) || (cases.length > 0 && cases.every(isOver)),
    signals: [signal],
    opinions: lastOfEach([own, ...feedback]),
  };
}

/** The smallest of what was seen in a window: the peer's next one may begin before this one's last page does. */
const leastOf = (cursor: Cursor, answer: Fields): number | undefined => {
  const seen = [wholeOf(cursor.least), wholeOf(answer.nextSetTimestamp)].filter((each) => (each ?? 0) > 0);
  return seen.length === 0 ? undefined : Math.min(...(seen as number[]));
};

export const stopNcii: Protocol<StopNciiSettings> = {
  staleAfterMs: 30 * dayMs,

  begin: (_settings, checkpoint) => ({ since: wholeOf(checkpoint?.since) ?? beginning }),

  restart: ({ since }) => ({ since: since ?? beginning }),

  isFresh: (cursor, now) => cursor.token === undefined || now - (wholeOf(cursor.at) ?? 0) < tokenLifeMs,

  request({ base, pageSize }, { since, token }) {
    const query = new URLSearchParams({ startTimestamp: String(since), pageSize: String(pageSize) });
    if (typeof token === 'string') query.set('nextPageToken', token);
    return { method: 'GET', url: `${base}/FetchHashes?${query}`, headers: {}, door: 'fetch' };
  },

  read({ self }, cursor, text): Page {
    const answer = parseJson(text);
    if (!Array.isArray(answer.hashRecords)) bad('hashRecords is missing');
    const read = listOf(answer.hashRecords).map((record) => updateOf(record, self));
    const updates = read.filter((update) => update !== undefined);
    const unread = read.length - updates.length;
    const least = leastOf(cursor, answer);
    if (answer.hasMoreRecords === true) {
      const token = textOf(answer.nextPageToken);
      if (token === undefined || token === '' || token === cursor.token)
        bad('more records, but no next page');
      return { updates, unread, next: { ...cursor, token, ...(least !== undefined && { least }) } };
    }
    return {
      updates,
      unread,
      next: null,
      checkpoint: { since: least ?? wholeOf(cursor.since) ?? beginning },
    };
  },

  upTo: ({ since }) => (wholeOf(since) ?? 0) * 1000,
};
