import type { LawId } from './clocks.ts';

/** In whose name somebody asks. */
export const capacities = ['self', 'representative', 'guardian'] as const;
export type Capacity = (typeof capacities)[number];

/** What the picture is. */
export const pictureKinds = ['real', 'fake', 'threat', 'unsure'] as const;
export type PictureKind = (typeof pictureKinds)[number];

/** Whether the person in it was under 18 when it was made, or is now. */
export const minorAnswers = ['yes', 'no', 'unsure'] as const;
export type MinorAnswer = (typeof minorAnswers)[number];

/** Did they agree? `taken_back`: once, and no longer. `not_to_this`: to something else than what was done with it. */
export const consentAnswers = ['never', 'not_to_this', 'taken_back', 'agreed'] as const;
export type ConsentAnswer = (typeof consentAnswers)[number];

/** What of a request the laws look at. Texts are trimmed; an empty one says nothing. */
export interface RequestFacts {
  readonly capacity: Capacity | null;
  readonly kind: PictureKind | null;
  readonly minor: MinorAnswer | null;
  readonly consent: ConsentAnswer | null;
  /** True when the reporter says that the picture is nude or sexual. */
  readonly intimate: boolean;
  /** Addresses of pages, or words that say where. */
  readonly places: readonly string[];
  /** How many pictures were named by their hash, and how many messages by a verified report. */
  readonly hashes: number;
  readonly messages: number;
  readonly words: string;
  /** Name or mark, typed: an electronic signature (15 U.S.C. 7006(5): "executed with the intent to sign"). */
  readonly signature: string;
  /** E-mail, telephone or post; empty where the person wants to be reached by the follow-up page alone. */
  readonly contact: string;
  /** "I will look at this page": reaches them without an address. */
  readonly byPage: boolean;
  /** "This is true as far as I know, and I act in good faith." */
  readonly goodFaith: boolean;
}

/** What may be missing. The desk asks for it by this name. */
export const needs = [
  'who',
  'intimate',
  'no_consent',
  'locate',
  'reasons',
  'contact',
  'email',
  'signature',
  'good_faith',
] as const;
export type Need = (typeof needs)[number];

const has: Readonly<Record<Need, (request: RequestFacts) => boolean>> = {
  who: ({ capacity }) => capacity !== null,
  intimate: ({ intimate, kind }) => intimate && kind !== null,
  no_consent: ({ consent }) => consent !== null && consent !== 'agreed',
  locate: ({ places, hashes, messages }) => places.length + hashes + messages > 0,
  reasons: ({ words, consent, kind }) => words !== '' || (consent !== null && kind !== null),
  contact: ({ contact, byPage }) => contact !== '' || byPage,
  email: ({ contact }) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(contact),
  signature: ({ signature }) => signature !== '',
  good_faith: ({ goodFaith }) => goodFaith,
};

/** A law under which a person may ask for a picture to be taken down. */
export type RequestLaw = Extract<LawId, 'us-tida' | 'uk-osa' | 'eu-dsa' | 'fr-lcen'>;

/**
 * What each law asks of a request, and no more: none asks for an identity document, an account or an address of a page.
 * TAKE IT DOWN Act §3(a)(2)(B); Online Safety Act s.20A and s.10(3B); DSA art. 16(2), which LCEN art. 6-I-5 refers to.
 */
const asked: Readonly<Record<RequestLaw, readonly Need[]>> = {
  'us-tida': ['signature', 'locate', 'no_consent', 'contact'],
  'uk-osa': ['who', 'intimate', 'locate', 'contact', 'good_faith'],
  'eu-dsa': ['reasons', 'locate', 'signature', 'email', 'good_faith'],
  'fr-lcen': ['reasons', 'locate', 'signature', 'email', 'good_faith'],
};

/** DSA art. 16(2)(c): whoever reports the abuse of a child need give no name and no address. */
const sparedForChildren: ReadonlySet<Need> = new Set(['signature', 'email']);

export const requestLaws = Object.keys(asked) as RequestLaw[];

/** What this law still misses, in the order in which the desk asks; empty: the request is valid under it. */
export function missingUnder(law: RequestLaw, request: RequestFacts): Need[] {
  const spared = request.minor === 'yes' && (law === 'eu-dsa' || law === 'fr-lcen');
  return needs.filter(
    (need) => asked[law].includes(need) && !has[need](request) && !(spared && sparedForChildren.has(need)),
  );
}

export interface Validity {
  /** The laws under which the request stands as it is. */
  readonly validUnder: readonly RequestLaw[];
  /**
   * What the desk still asks for: what the law nearest to being met misses. Empty as soon as one law is met, for
   * the picture is then looked at and nothing more is needed.
   */
  readonly missing: readonly Need[];
}

/** Under which laws a request stands, and what to ask for next. */
export function examineRequest(request: RequestFacts): Validity {
  const each = requestLaws.map((law) => ({ law, missing: missingUnder(law, request) }));
  const validUnder = each.filter(({ missing }) => missing.length === 0).map(({ law }) => law);
  if (validUnder.length > 0) return { validUnder, missing: [] };
  const nearest = each.reduce((best, next) => (next.missing.length < best.missing.length ? next : best));
  return { validUnder, missing: nearest.missing };
}

/** Enough to protect the picture at once, before the request is complete: it can be found, and nobody agreed. */
export const isPlausible = (request: RequestFacts): boolean => has.locate(request) && has.no_consent(request);
