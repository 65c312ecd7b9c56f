import type { NcmecSettings } from './ncmec.ts';
import { isFields, parseJson, textOf } from './read.ts';
import { type StopNciiSettings, stopNciiType } from './stopncii.ts';
import type { ThreatExchangeSettings } from './threat-exchange.ts';
import { ExchangeError, type PeerRequest } from './types.ts';
import { escaped } from './xml.ts';

/*
 * What we tell a peer: that people here looked and a picture is what it says, and that it is so no longer. Only what a person
 * asked us to share and two people approved ever comes here.
 */

/** How a peer was told, so that it can be taken back the same way. */
export interface Told {
  /** `hash`: the value was new to it. `feedback`: it had a record, and we agreed with it. */
  readonly how: 'hash' | 'feedback';
  /** The peer's names of what we made or answered. */
  readonly refs: readonly string[];
}

export interface Telling {
  readonly value: string;
  /** The record that the peer has of it, if it has one; its `refs`. */
  readonly known: readonly (readonly string[])[];
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/** A request, and what its answer's text makes of it. */
export interface TellStep {
  readonly request: PeerRequest;
  readonly read: (text: string) => Told;
}

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

const feedbackTo = (base: string, value: string, feedbackValue: string): PeerRequest => ({
  method: 'POST',
  url: `${base}/SubmitFeedback`,
  headers: json,
  body: JSON.stringify({ count: 1, hashFeedbacks: [{ hashValue: value, feedbackValue, tags: [] }] }),
  door: 'feedback',
});

/** Feedback where the value is known there, else the value itself with our word for it. */
export function tellStopNcii({ base }: StopNciiSettings, { value, known, now }: Telling): TellStep[] {
  if (known.length > 0) {
    const told: Told = { how: 'feedback', refs: [] };
    return [{ request: feedbackTo(base, value, 'Blocked'), read: () => told }];
  }
  const record = {
    lastModtimestamp: Math.floor(now / 1000),
    signalType: stopNciiType('pdq'),
    hashValue: value,
    CSPFeedbacks: [{ feedbackValue: 'Blocked', tags: [] }],
  };
  const request: PeerRequest = {
    method: 'POST',
    url: `${base}/SubmitHashes`,
    headers: json,
    body: JSON.stringify({ count: 1, hashRecords: [record] }),
    door: 'submit',
  };
  return [{ request, read: () => ({ how: 'hash', refs: [] }) }];
}

/** There is no way to take a value out again: what we gave is marked as withdrawn, what we only answered says nothing more. */
export const takeBackStopNcii = ({ base }: StopNciiSettings, value: string, { how }: Told): PeerRequest[] => [
  feedbackTo(base, value, how === 'hash' ? 'Withdrawn' : 'None'),
];

const reaction = (base: string, id: string, fields: Record<string, string>): PeerRequest => ({
  method: 'POST',
  url: `${base}/${encodeURIComponent(id)}`,
  headers: form,
  body: new URLSearchParams(fields).toString(),
  door: 'feedback',
});

/** A reaction where somebody has a descriptor of it, else a descriptor of our own, for this privacy group alone. */
export function tellThreatExchange(
  { base, privacyGroup }: ThreatExchangeSettings,
  { value, known }: Telling,
): TellStep[] {
  const theirs = known.flat();
  if (theirs.length > 0) {
    return theirs.map((id) => ({
      request: reaction(base, id, { reactions: 'HELPFUL' }),
      read: () => ({ how: 'feedback', refs: [id] }),
    }));
  }
  const fields = {
    indicator: value,
    type: 'HASH_PDQ',
    description: 'Non-consensual intimate image, reviewed',
    share_level: 'AMBER',
    status: 'MALICIOUS',
    privacy_type: 'HAS_PRIVACY_GROUP',
    privacy_members: privacyGroup,
    tags: 'ncii',
  };
  const request: PeerRequest = {
    method: 'POST',
    url: `${base}/threat_descriptors`,
    headers: form,
    body: new URLSearchParams(fields).toString(),
    door: 'submit',
  };
  const read = (text: string): Told => {
    const answer = parseJson(text);
    const id = isFields(answer) ? textOf(answer.id) : undefined;
    if (id === undefined) throw new ExchangeError('bad_answer', 'the descriptor has no number');
    return { how: 'hash', refs: [id] };
  };
  return [{ request, read }];
}

export const takeBackThreatExchange = (
  { base }: ThreatExchangeSettings,
  _value: string,
  { how, refs }: Told,
): PeerRequest[] =>
  refs.map((id) =>
    how === 'feedback'
      ? reaction(base, id, { reactions_to_remove: 'HELPFUL' })
      : {
          method: 'DELETE',
          url: `${base}/${encodeURIComponent(id)}`,
          headers: {},
          door: 'submit',
        },
  );

const space = 'https://hashsharing.ncmec.org/hashsharing/v2';

const entryFeedback = (base: string, [member, id]: readonly string[], inner: string): PeerRequest => ({
  method: 'PUT',
  url: `${base}/v2/entries/${encodeURIComponent(member ?? '')}/${encodeURIComponent(id ?? '')}/PDQ/feedback`,
  headers: { 'content-type': 'application/xml; charset=utf-8' },
  body: `<?xml version="1.0" encoding="UTF-8"?><feedbackSubmission xmlns="${space}">${inner}</feedbackSubmission>`,
  door: 'feedback',
});

/** Agreement with each entry of this value. What NCMEC does not know goes to it as a report, never as a hash. */
export const tellNcmec = ({ base }: NcmecSettings, { known }: Telling): TellStep[] =>
  known.map((refs) => ({
    request: entryFeedback(base, refs, '<affirmative/>'),
    read: () => ({ how: 'feedback', refs: [refs.join('/')] }),
  }));

/** Agreement is taken back by disagreeing, for a reason of NCMEC's own list (`GET /v2/feedback/PDQ/reasons`). */
export function takeBackNcmec(
  { base, reason }: NcmecSettings & { readonly reason?: string | undefined },
  _value: string,
  { refs }: Told,
): PeerRequest[] {
  if (reason === undefined) throw new ExchangeError('not_supported', 'no reason to disagree is set');
  const inner = `<negative><reasonIds><guid>${escaped(reason)}</guid></reasonIds></negative>`;
  return refs.map((ref) => {
    const at = ref.indexOf('/');
    return entryFeedback(base, [ref.slice(0, at), ref.slice(at + 1)], inner);
  });
}
