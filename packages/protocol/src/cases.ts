import { bulkLimit, capabilities, incidents, radiusBounds, staffRoles } from '@accord/case-model';
import {
  capacities,
  consentAnswers,
  declineGrounds,
  minorAnswers,
  pictureKinds,
  removeGrounds,
} from '@accord/law';
import { z } from 'zod';
import {
  approval,
  caseLine,
  caseView,
  figures,
  itemMatches,
  law,
  need,
  phase,
  preview,
  statement,
} from './case-view.ts';
import { bytes, hashBytes, hashes, id, instant, isAboutEach, line, pseudonym, text } from './primitives.ts';

/*
 * The desk and the console. Anybody may file, without an account; the console's routes each name the capability that
 * they take (`may` in the table), and answer everybody else as if nothing were there.
 */

/** Pictures and places in one request at most. */
export const deskLimits = { pictures: 8, places: 20, words: 4000 } as const;

/**
 * A picture as the page hashed it: its PDQ, the quality (0–100), and the crops and regions of `bankHashes`. No byte of the
 * picture itself leaves the device. `source`: the unaltered photograph that a fake was made from.
 */
const hashedPicture = z
  .strictObject({
    h: bytes(hashBytes, hashBytes),
    q: z.int().min(0).max(100),
    parts: hashes(30),
    /** A byte for each of `parts`: its anchor, as `matching.attest` has it. */
    anchors: bytes(30, 0).optional(),
    regions: hashes(33),
    source: z.boolean(),
  })
  .refine(({ parts, anchors }) => isAboutEach(anchors, parts), { path: ['anchors'] });

/** What somebody asks. Everything may be missing: what is incomplete is kept, and the answer says what it lacks. */
export const caseRequest = z.strictObject({
  capacity: z.enum(capacities).nullable(),
  kind: z.enum(pictureKinds).nullable(),
  minor: z.enum(minorAnswers).nullable(),
  consent: z.enum(consentAnswers).nullable(),
  intimate: z.boolean(),
  pictures: z.array(hashedPicture).max(deskLimits.pictures),
  /** Addresses of pages, or a few words that say where. */
  places: z.array(line(2000).min(1)).max(deskLimits.places),
  words: text(deskLimits.words),
  signature: line(200),
  contact: line(320),
  /** "I will look at the follow-up page": reaches them without an address. */
  byPage: z.boolean(),
  goodFaith: z.boolean(),
  /** "Give these hashes to other services too." Nothing is given before two people have approved. */
  share: z.boolean().default(false),
});

const language = z.enum(['fr', 'en']);
const words = text(deskLimits.words).min(1);

/** What a console asks of a case. Ids of what comes into being are the server's. */
export const consoleCommand = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('protect') }),
  z.strictObject({ kind: z.literal('release') }),
  z.strictObject({ kind: z.literal('remove'), ground: z.enum(removeGrounds), words }),
  /** Where a law is met, this is `two_people`: ask for `decline_likely_valid` instead. */
  z.strictObject({ kind: z.literal('decline'), ground: z.enum(declineGrounds), words }),
  z.strictObject({
    kind: z.literal('decide_appeal'),
    appealId: id,
    outcome: z.enum(['upheld', 'reversed']),
    ground: z.enum(removeGrounds).nullable(),
    words,
  }),
  z.strictObject({
    kind: z.literal('ask_approval'),
    action: z.enum([
      'restore',
      'decline_likely_valid',
      'export_hash',
      'reveal_reporter',
      'delete_evidence',
      'clear_child_safety',
    ]),
    words,
    ground: z.enum(declineGrounds).nullable(),
    itemId: id.nullable(),
  }),
  /** To the reporter, to the uploader, or a note for the staff alone. */
  z.strictObject({ kind: z.literal('message'), to: z.enum(['reporter', 'uploader', 'note']), words }),
  /** This case goes into that one, which keeps the earlier of each clock. */
  z.strictObject({ kind: z.literal('merge'), into: id }),
  z.strictObject({
    kind: z.literal('queue_notice'),
    platform: line(120).min(1),
    /** An e-mail address; empty: to be downloaded and sent by hand. */
    to: z.union([z.email(), z.literal('')]),
    law,
    language,
  }),
  z.strictObject({
    kind: z.literal('move_notice'),
    noticeId: id,
    state: z.enum(['sent', 'acknowledged', 'removed', 'refused', 'given_up']),
    detail: text(1000),
  }),
  z.strictObject({ kind: z.literal('raise_child_safety'), why: words }),
  /** Builds the report to NCMEC and sends it; the case says `filed` when the receipt is there. */
  z.strictObject({ kind: z.literal('file_child_safety'), incident: z.enum(incidents), words }),
  /** A report that was sent by hand has its receipt from whoever sent it. */
  z.strictObject({
    kind: z.literal('filed_child_safety'),
    receiptId: line(100).min(1),
    recipient: line(120).min(1),
  }),
  z.strictObject({
    kind: z.literal('receive_order'),
    orderId: line(200).min(1),
    authority: line(200).min(1),
  }),
  z.strictObject({ kind: z.literal('pause_order'), why: words }),
  z.strictObject({ kind: z.literal('resume_order'), why: words }),
  z.strictObject({ kind: z.literal('hold'), why: words }),
  z.strictObject({ kind: z.literal('lift_hold'), why: words }),
  z.strictObject({ kind: z.literal('close') }),
]);

/** What takes two people and belongs to no one case. */
const deskChange = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('roles'),
    accountId: id,
    roles: z.array(z.enum(staffRoles)).max(staffRoles.length),
    words,
  }),
  /** More than `bulkLimit` cases at once, all removed or all closed. */
  z.strictObject({
    action: z.literal('bulk'),
    caseIds: z
      .array(id)
      .min(bulkLimit + 1)
      .max(1000),
    what: z.enum(['remove', 'close']),
    ground: z.enum(removeGrounds).nullable(),
    words,
  }),
  /** How near a picture must come to be refused, in bits of 256. */
  z.strictObject({
    action: z.literal('threshold'),
    radius: z.int().min(radiusBounds.least).max(radiusBounds.most),
    words,
  }),
]);

const opinion = z.object({ validUnder: z.array(law), missing: z.array(need) });

export const cases = {
  /**
   * Files a request. `idem` is drawn by the page: the same one files once, and answers with the same number but without
   * the secrets, which are told once. Durable when answered, and the pictures are protected from then on.
   */
  'cases.file': {
    body: z.strictObject({ idem: id, language, request: caseRequest }),
    reply: opinion.extend({
      number: z.string(),
      /** Six digits, and a code that replaces them; null when this `idem` was answered before. */
      pin: z.string().nullable(),
      recoveryCode: z.string().nullable(),
      receivedAt: instant,
      dueAt: instant.nullable(),
    }),
  },
  /** What a request still misses, as one types. Keeps nothing. */
  'cases.check': { body: z.strictObject({ request: caseRequest }), reply: opinion },

  /** Decisions about one's own pictures, with their reasons. */
  'cases.mine.list': {
    query: z.strictObject({ language }),
    reply: z.object({
      decisions: z.array(
        z.object({
          decisionId: id,
          at: instant,
          pictures: z.int(),
          statement,
          appeal: z
            .object({
              at: instant,
              outcome: z.enum(['upheld', 'reversed']).nullable(),
              words: z.string(),
              /** Why, as somebody else than the one who decided has it; null while it waits. */
              answer: z.string().nullable(),
            })
            .nullable(),
          /** Until when one may object; null when it is too late or one did. */
          appealUntil: instant.nullable(),
        }),
      ),
    }),
  },
  'cases.mine.appeal': {
    params: z.strictObject({ decisionId: id }),
    body: z.strictObject({ words }),
    reply: z.object({}),
  },

  /** Whether the console has anything for this account; told to everybody of themselves alone. */
  'cases.mine.console': { reply: z.object({ open: z.boolean() }) },

  'cases.staff.me': {
    reply: z.object({
      accountId: id,
      pseudonym: z.string(),
      roles: z.array(z.enum(staffRoles)),
      capabilities: z.array(z.enum(capabilities)),
      /** Pictures that the caller uncovered in the last hour: the console proposes a pause by it. */
      revealsInHour: z.int(),
    }),
  },
  /** The account of a pseudonym, for whoever may ask that its roles be changed. */
  'cases.staff.find': {
    query: z.strictObject({ pseudonym }),
    reply: z.object({ accountId: id, pseudonym: z.string() }),
  },
  'cases.staff.list': {
    reply: z.object({
      staff: z.array(
        z.object({
          accountId: id,
          pseudonym: z.string(),
          roles: z.array(z.enum(staffRoles)),
          since: instant,
        }),
      ),
    }),
  },
  /** By time left, those without a deadline last; closed ones latest first. `after` is the last page's `next`. */
  'cases.list': {
    query: z.strictObject({
      view: z.enum(['open', 'appeals', 'child_safety', 'closed']).optional(),
      after: z.string().max(120).optional(),
      phase: phase.optional(),
      /** Due within so many hours; `0`: overdue. */
      within: z.enum(['0', '4', '12', '24', '48']).optional(),
      /** With messages that nobody answered, or with something that waits for a second person. */
      only: z.enum(['unanswered', 'proposals']).optional(),
      /** The one case of this number, open or closed: its own, or that of a request in it. */
      number: line(24).min(1).optional(),
    }),
    reply: z.object({ cases: z.array(caseLine), next: z.string().nullable() }),
  },
  /** Opening a case is an event of it. */
  'cases.read': { params: z.strictObject({ caseId: id }), reply: caseView },
  /** Answers with the case as it is afterwards. Refusals: `two_people`, `same_person`, `wrong_phase`, `open_work`, … */
  'cases.command': {
    params: z.strictObject({ caseId: id }),
    body: z.strictObject({ command: consoleCommand }),
    reply: caseView,
  },
  /** What is near the pictures of a case. Apart from the case, which need not wait for it. */
  'cases.matches': {
    params: z.strictObject({ caseId: id }),
    reply: z.object({ items: z.array(itemMatches), complete: z.boolean() }),
  },
  /** What a decision would tell everybody. Decides nothing. */
  'cases.preview': {
    params: z.strictObject({ caseId: id }),
    query: z
      .strictObject({ remove: z.enum(removeGrounds) })
      .or(z.strictObject({ decline: z.enum(declineGrounds) })),
    reply: preview,
  },
  /** The bytes of a reported picture, and an event that says who uncovered it. */
  'cases.reveal': {
    params: z.strictObject({ caseId: id, itemId: id }),
    body: z.strictObject({}),
    reply: z.object({ type: z.string(), bytes: z.base64(), revealsInHour: z.int() }),
  },
  /** The evidence as a folder: names and texts of its files, the verifier included. */
  'cases.evidence': {
    params: z.strictObject({ caseId: id }),
    body: z.strictObject({}),
    reply: z.object({ files: z.array(z.object({ name: z.string(), text: z.string() })) }),
  },
  /** A notice as it is sent, to be sent by hand. */
  'cases.notice': {
    params: z.strictObject({ caseId: id, noticeId: id }),
    reply: z.object({ to: z.string(), subject: z.string(), body: z.string() }),
  },
  /** `radius`: bits of 256, as of now. */
  'cases.approvals.list': { reply: z.object({ approvals: z.array(approval), radius: z.int() }) },
  'cases.approvals.ask': {
    body: z.strictObject({ change: deskChange }),
    reply: z.object({ approvalId: id }),
  },
  'cases.approvals.answer': {
    params: z.strictObject({ approvalId: id }),
    body: z.strictObject({ yes: z.boolean() }),
    reply: z.object({}),
  },
  'cases.figures': { reply: figures },
};
