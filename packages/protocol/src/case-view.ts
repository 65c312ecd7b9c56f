import { approvalActions } from '@accord/case-model';
import { capacities, clockIds, needs, pictureKinds, requestLaws } from '@accord/law';
import { z } from 'zod';
import { id, instant } from './primitives.ts';

/* What the console sees of a case. */

export const need = z.enum(needs);
export const law = z.enum(requestLaws);
const clockId = z.enum(clockIds as [(typeof clockIds)[number], ...(typeof clockIds)[number][]]);

const phase = z.enum(['incomplete', 'valid', 'removed', 'declined', 'restored', 'merged']);
const noticeState = z.enum(['queued', 'sent', 'acknowledged', 'removed', 'refused', 'given_up']);
const side = z.enum(['reporter', 'uploader']);

/** Who did something: a role of the case, and for the staff the account's id. */
const by = z.object({ kind: z.enum(['reporter', 'uploader', 'system', 'staff']), id: z.string().optional() });

/** A clock of a case. `dueAt` is null while it stands still. */
const clock = z.object({
  clock: clockId,
  startedAt: instant,
  dueAt: instant.nullable(),
  metAt: instant.nullable(),
  paused: z.boolean(),
});

/** One line of the queue. Nothing of what the case is about. */
export const caseLine = z.object({
  id,
  number: z.string(),
  phase,
  openedAt: instant,
  closedAt: instant.nullable(),
  /** The next deadline; null when none runs. The queue is ordered by it. */
  dueAt: instant.nullable(),
  childSafety: z.boolean(),
  protected: z.boolean(),
  likelyValid: z.boolean(),
  appealed: z.boolean(),
  /** Open proposals that wait for a second person. */
  proposals: z.int(),
  /** Messages of the reporter that nobody of the staff has answered. */
  unanswered: z.int(),
  pictures: z.int(),
  places: z.int(),
});

/** What the banks and the registry say of one picture of the case: the evidence of the match, without the hash. */
const nearby = z.object({
  bank: z.string(),
  distance: z.int().min(0).max(256),
  category: z.string(),
  source: z.string(),
});

const item = z.object({
  id,
  kind: z.enum(['hash', 'source', 'place', 'message']),
  /** SHA-256 of what it is, hex: names it in the evidence. */
  digest: z.string(),
  place: z.string().nullable(),
  quality: z.int().nullable(),
  nearby: z.array(nearby),
  /** For a message: what the server's own checks found. `verified`: this account's device sent exactly this, then. */
  proof: z.string().nullable(),
  sentAt: instant.nullable(),
  text: z.string().nullable(),
  /** True when there is a picture that `cases.reveal` can show. */
  picture: z.boolean(),
});

const coverage = z.object({
  registered: z.int(),
  matched: z.int(),
  destroyed: z.int(),
  unreached: z.int(),
  complete: z.boolean(),
});

const proposal = z.object({
  id,
  action: z.enum(approvalActions),
  askedBy: z.string(),
  askedAt: instant,
  words: z.string(),
  state: z.enum(['open', 'given', 'refused']),
});

export const statement = z.object({
  restriction: z.enum(['removed', 'disabled']),
  facts: z.string(),
  legalGround: z.string(),
  legalExplanation: z.string(),
  redress: z.string(),
  automatedDetection: z.boolean(),
  automatedDecision: z.enum(['fully', 'partially', 'not']),
});

export const caseView = caseLine.extend({
  picture: z.enum(pictureKinds).nullable(),
  validUnder: z.array(law),
  missing: z.array(need),
  clocks: z.array(clock),
  /** Null for a case that is none of child safety. */
  safety: z
    .object({ since: instant, receiptId: z.string().nullable(), preservedUntil: instant.nullable() })
    .nullable(),
  items: z.array(item),
  /** By their id within the case. Names are shown after `reveal_reporter` alone, and to those two. */
  reporters: z.array(
    z.object({ id, capacity: z.enum(capacities).nullable(), at: instant, withdrawn: z.boolean() }),
  ),
  identity: z.array(z.object({ reporterId: id, signature: z.string(), contact: z.string() })),
  decision: z
    .object({
      kind: z.enum(['remove', 'decline']),
      ground: z.string(),
      by: z.array(z.string()),
      at: instant,
      words: z.string(),
    })
    .nullable(),
  sweeps: z.array(z.object({ id, coverage: coverage.nullable() })),
  notices: z.array(
    z.object({
      id,
      platform: z.string(),
      to: z.string(),
      law,
      state: noticeState,
      tries: z.int(),
      lastSentAt: instant.nullable(),
    }),
  ),
  appeals: z.array(
    z.object({
      id,
      side,
      at: instant,
      words: z.string(),
      outcome: z.enum(['upheld', 'reversed']).nullable(),
    }),
  ),
  openProposals: z.array(proposal),
  hold: z.boolean(),
  mergedInto: id.nullable(),
  reveals: z.int(),
  /** What happened, oldest first. `body` is the event without who and when; see `CaseEvent` of the case model. */
  events: z.array(
    z.object({ seq: z.int(), at: instant, by, type: z.string(), body: z.record(z.string(), z.unknown()) }),
  ),
  /** Kinds of commands that the caller could give now. */
  may: z.array(z.string()),
});

export const approval = z.object({
  id,
  action: z.enum(approvalActions),
  caseId: id.nullable(),
  askedBy: z.string(),
  askedAt: instant,
  words: z.string(),
  /** Whether the caller may answer: has the role, and is not the one who asked. */
  mine: z.boolean(),
  detail: z.record(z.string(), z.unknown()),
});

/** Hours, in steps of the queue. */
export const figures = z.object({
  open: z.int(),
  childSafety: z.int(),
  overdue: z.int(),
  dueIn: z.object({ h4: z.int(), h12: z.int(), h24: z.int(), h48: z.int() }),
  approvals: z.int(),
  appeals: z.int(),
  /** Breaches of each clock in the last 30 days. */
  breaches: z.record(z.string(), z.int()),
  medianHoursToDecision: z.number().nullable(),
});
