import { declineGrounds, needs, removeGrounds, requestLaws } from '@accord/law';
import { z } from 'zod';
import { caseRequest, deskLimits } from '../cases.ts';
import { id, instant, line, text } from '../primitives.ts';
import type { PartnerRoute } from './route.ts';

/*
 * Our own interface for other platforms. Contract first: the server parses by these shapes, `openapi.ts` writes them down for
 * others, `client.ts` types its calls by them.
 */

/** Of one call. A line of a stream counts as a call's item. */
export const partnerLimits = {
  items: 1000,
  /** Pictures among them, and the bytes of one. */
  pictures: 16,
  pictureBytes: 16 * 1024 * 1024,
  webhooks: 8,
} as const;

/** PDQ as 64 hexadecimal digits. */
const pdq = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/)
  .describe('PDQ of a picture, 64 hexadecimal digits.');
/** PDQ's own: 0 to 100. */
const quality = z.int().min(0).max(100);
const ref = line(200).optional().describe('Comes back with the answer.');

const bankName = z.string().regex(/^[A-Z0-9_]{1,64}$/);
const how = {
  banks: z
    .array(bankName)
    .min(1)
    .max(31)
    .optional()
    .describe('Only these banks; all that the key sees by default.'),
  radius: z.int().min(0).max(46).optional().describe('Most bits that differ; 31 by default.'),
};

/** The digests of a file as it is, in hexadecimal digits. */
const md5 = z
  .string()
  .regex(/^[0-9a-fA-F]{32}$/)
  .describe('MD5 of a file as it is, 32 hexadecimal digits. Finds that very file, a picture or a video.');
const sha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/)
  .describe('SHA-256 of a file as it is, 64 hexadecimal digits. Finds that very file.');

export const checkItem = z.union([
  z.strictObject({
    ref,
    pdq,
    quality: quality
      .optional()
      .describe('Below 50 nothing is searched for: such a hash matches by accident.'),
  }),
  z.strictObject({ ref, md5 }),
  z.strictObject({ ref, sha256 }),
  z.strictObject({
    ref,
    picture: z
      .base64()
      .min(1)
      .max(Math.ceil(partnerLimits.pictureBytes / 3) * 4)
      .describe('The file of a picture, in base64. Hashed in memory and forgotten.'),
  }),
]);

const match = z.object({
  picture: z.string().describe('Tells banked pictures apart; the same picture has the same one.'),
  distance: z.int().min(0).max(256),
  kind: z
    .enum(['whole', 'part', 'region', 'file'])
    .describe('`file`: the very bytes; else a hash that is near.'),
  standing: z
    .enum(['positive', 'seed', 'negative', 'disputed', 'none'])
    .describe('All opinions that the key sees, together.'),
  blocks: z
    .boolean()
    .describe('Whether our own chat refuses a picture of this standing: in doubt for the person in it.'),
  banks: z.array(z.string()),
  opinions: z.array(
    z.object({
      bank: z.string(),
      source: z.string(),
      ours: z.boolean(),
      category: z.enum(['positive', 'seed', 'negative']),
      tags: z.array(z.string()),
      confidence: z.int(),
      at: instant,
      withdrawn: z.boolean(),
    }),
  ),
});

export const checkResult = z.object({
  ref: z.string().optional(),
  status: z
    .enum(['match', 'none', 'unverifiable', 'refused'])
    .describe('`unverifiable`: too flat to be told from others. `refused`: no picture, `code` says why.'),
  code: z.string().optional(),
  hash: z
    .object({ pdq: z.string(), quality: z.int() })
    .optional()
    .describe('Of a picture that was hashed here.'),
  matches: z.array(match),
});

export type CheckItem = z.infer<typeof checkItem>;
export type CheckResult = z.infer<typeof checkResult>;

const noticeState = z.enum(['incomplete', 'valid', 'removed', 'declined', 'restored']);

/** What a platform sees of a request that it filed. Nothing of who decided. */
const notice = z.object({
  noticeId: id,
  reference: z.string(),
  number: z.string(),
  filedAt: instant,
  state: noticeState,
  dueAt: instant.nullable(),
  closedAt: instant.nullable(),
  protected: z.boolean(),
  validUnder: z.array(z.enum(requestLaws)),
  missing: z.array(z.enum(needs)),
  decision: z
    .object({
      kind: z.enum(['remove', 'decline']),
      ground: z.enum([...removeGrounds, ...declineGrounds]),
      at: instant,
      words: z.string(),
    })
    .nullable(),
  messages: z.array(z.object({ at: instant, from: z.enum(['desk', 'you']), words: z.string() })),
});
export type PartnerNotice = z.infer<typeof notice>;

const words = text(deskLimits.words).min(1);
const noticeParams = z.strictObject({ noticeId: id });
const nothing = z.object({});

const webhook = z.object({ webhookId: id, url: z.string(), createdAt: instant });
const delivery = z.object({
  deliveryId: id,
  webhookId: id,
  type: z.string(),
  state: z.enum(['waiting', 'sent', 'dead']),
  tries: z.int(),
  nextAt: instant.nullable(),
  outcome: z.string().nullable(),
  createdAt: instant,
});

export const v1 = {
  'openapi.read': {
    method: 'GET',
    path: '/api/v1/openapi.json',
    scope: 'anyone',
    summary: 'This description.',
    reply: z.record(z.string(), z.unknown()),
  },
  'status.read': {
    method: 'GET',
    path: '/api/v1/status',
    scope: 'key',
    summary: 'What the key is and may do.',
    reply: z.object({
      key: z.string(),
      scopes: z.array(z.string()),
      banks: z.array(z.string()).describe('The banks that the key sees.'),
      perMinute: z.int(),
      bankEpoch: z.int().describe('Changes with every change of what the banks say, never goes back.'),
    }),
  },
  'checks.create': {
    method: 'POST',
    path: '/api/v1/checks',
    scope: 'match',
    summary: 'Checks hashes and pictures, several in one call.',
    body: z.strictObject({ ...how, items: z.array(checkItem).min(1).max(partnerLimits.items) }),
    reply: z.object({ bankEpoch: z.int(), results: z.array(checkResult) }),
  },
  'checks.picture': {
    method: 'POST',
    path: '/api/v1/checks/picture',
    scope: 'match',
    summary: 'Checks one picture, its bytes as the body. Hashed in memory and forgotten.',
    takes: 'picture',
    reply: checkResult,
  },
  'checks.stream': {
    method: 'POST',
    path: '/api/v1/checks/stream',
    scope: 'match',
    summary: 'Checks as many items as come, one JSON to a line; answers in their order, one JSON to a line.',
    takes: 'lines',
    body: checkItem,
    gives: 'lines',
    reply: checkResult,
  },
  'notices.file': {
    method: 'POST',
    path: '/api/v1/notices',
    scope: 'notices',
    summary: 'Files a request at the desk. The same `idem` of one key files once.',
    body: z.strictObject({
      idem: id,
      reference: line(200).describe('Your own name for it.'),
      language: z.enum(['fr', 'en']),
      request: caseRequest,
    }),
    reply: notice,
    status: 201,
  },
  'notices.list': {
    method: 'GET',
    path: '/api/v1/notices',
    scope: 'notices',
    summary: 'What this key filed, oldest first, in pages.',
    query: z.strictObject({ after: id.optional() }),
    reply: z.object({
      notices: z.array(
        z.object({
          noticeId: id,
          reference: z.string(),
          number: z.string(),
          filedAt: instant,
          state: noticeState,
        }),
      ),
      next: id.nullable(),
    }),
  },
  'notices.read': {
    method: 'GET',
    path: '/api/v1/notices/:noticeId',
    scope: 'notices',
    summary: 'Where a request stands.',
    params: noticeParams,
    reply: notice,
  },
  'notices.message': {
    method: 'POST',
    path: '/api/v1/notices/:noticeId/messages',
    scope: 'notices',
    summary: 'A message to the desk.',
    params: noticeParams,
    body: z.strictObject({ words }),
    reply: nothing,
    status: 201,
  },
  'notices.appeal': {
    method: 'POST',
    path: '/api/v1/notices/:noticeId/appeals',
    scope: 'notices',
    summary: 'Objects to the decision.',
    params: noticeParams,
    body: z.strictObject({ words }),
    reply: nothing,
    status: 201,
  },
  'notices.withdraw': {
    method: 'POST',
    path: '/api/v1/notices/:noticeId/withdrawal',
    scope: 'notices',
    summary: 'Takes a request back.',
    params: noticeParams,
    reply: nothing,
  },
  'webhooks.create': {
    method: 'POST',
    path: '/api/v1/webhooks',
    scope: 'notices',
    summary: 'Where to tell of decisions. The secret is shown once.',
    body: z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2000) }),
    reply: webhook.extend({ secret: z.string().describe('`whsec_…` of Standard Webhooks.') }),
    status: 201,
  },
  'webhooks.list': {
    method: 'GET',
    path: '/api/v1/webhooks',
    scope: 'notices',
    summary: 'The webhooks of this key.',
    reply: z.object({ webhooks: z.array(webhook) }),
  },
  'webhooks.remove': {
    method: 'DELETE',
    path: '/api/v1/webhooks/:webhookId',
    scope: 'notices',
    summary: 'Tells nothing there any more.',
    params: z.strictObject({ webhookId: id }),
    reply: nothing,
  },
  'webhooks.test': {
    method: 'POST',
    path: '/api/v1/webhooks/:webhookId/tests',
    scope: 'notices',
    summary: 'Sends a delivery of type `ping` there.',
    params: z.strictObject({ webhookId: id }),
    reply: z.object({ deliveryId: id }),
    status: 201,
  },
  'deliveries.list': {
    method: 'GET',
    path: '/api/v1/deliveries',
    scope: 'notices',
    summary: 'Deliveries, newest first; `dead` ones were given up after a day of tries.',
    query: z.strictObject({ state: z.enum(['waiting', 'sent', 'dead']).optional() }),
    reply: z.object({ deliveries: z.array(delivery) }),
  },
  'deliveries.retry': {
    method: 'POST',
    path: '/api/v1/deliveries/:deliveryId/retry',
    scope: 'notices',
    summary: 'Tries a dead delivery again.',
    params: z.strictObject({ deliveryId: id }),
    reply: nothing,
  },
} as const satisfies Record<string, PartnerRoute>;

export type V1 = typeof v1;
export type V1Name = keyof V1;

/** The body of a webhook: thin, as the place that gets it may be anybody's by now. Read the notice for the rest. */
export const webhookEvent = z.object({
  type: z.enum(['ping', 'notice.updated']),
  timestamp: z.iso.datetime(),
  data: z.object({
    noticeId: id.optional(),
    reference: z.string().optional(),
    /** The events of the case that concern it: `removed`, `declined`, `message`, … */
    what: z.array(z.string()),
  }),
});
export type WebhookEvent = z.infer<typeof webhookEvent>;
