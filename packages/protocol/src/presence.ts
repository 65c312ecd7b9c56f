import { z } from 'zod';
import { bytes, id, instant, line, seeking, spokenLanguage, text } from './primitives.ts';
import { reportReasons } from './words.ts';

/** Another member as one sees them. `online` is null where they do not show it. */
export const person = z.object({
  id,
  pseudonym: z.string(),
  about: z.string(),
  languages: z.array(spokenLanguage),
  seeking: z.array(seeking),
  online: z.boolean().nullable(),
  identityPublicKey: bytes(32, 32),
  boxPublicKey: bytes(1300),
  boxSignature: bytes(64, 64),
});

export const profile = z.strictObject({
  about: text(300),
  languages: z.array(spokenLanguage).max(8),
  seeking: z.array(seeking).max(5),
  /** False hides whether this person is here. */
  showOnline: z.boolean(),
  /** False keeps this person out of search; conversations go on. */
  listed: z.boolean(),
});

/**
 * A request to talk. The first line (<= 200 characters) is sealed for the other account, the operator
 * can't read it. A request that is not accepted lapses after 72 h; being hidden looks like waiting.
 */
export const talkRequest = z.object({
  id,
  from: person,
  to: person,
  sealedLine: bytes(4096),
  createdAt: instant,
  lapsesAt: instant,
});

export const presence = {
  'presence.profile.read': { reply: profile },
  'presence.profile.write': { body: profile, reply: profile },
  'presence.people.list': {
    query: z.strictObject({
      words: line(60).optional(),
      language: spokenLanguage.optional(),
      seeking: seeking.optional(),
      online: z.literal('true').optional(),
      after: z.string().max(200).optional(),
    }),
    reply: z.object({ people: z.array(person), next: z.string().nullable() }),
  },
  'presence.people.read': { params: z.strictObject({ accountId: id }), reply: person },
  'presence.requests.list': {
    reply: z.object({
      incoming: z.array(talkRequest),
      outgoing: z.array(talkRequest),
      leftToday: z.int().nonnegative(),
    }),
  },
  'presence.requests.create': {
    body: z.strictObject({ to: id, sealedLine: bytes(4096) }),
    reply: talkRequest,
  },
  'presence.requests.accept': {
    params: z.strictObject({ requestId: id }),
    body: z.strictObject({}),
    reply: z.object({ conversationId: id }),
  },
  /** Takes the request out of sight; the other side sees it waiting until it lapses. */
  'presence.requests.hide': {
    params: z.strictObject({ requestId: id }),
    body: z.strictObject({}),
    reply: z.object({}),
  },
  /** `words` is what the reporter chooses to tell, with the messages they choose to quote. */
  'presence.reports.create': {
    body: z.strictObject({ about: id, reason: z.enum(reportReasons), words: text(4000) }),
    reply: z.object({ reportId: id }),
  },
};
