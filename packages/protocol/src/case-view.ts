import { approvalActions } from '@accord/case-model';
import {
  capacities,
  clockIds,
  consentAnswers,
  minorAnswers,
  needs,
  pictureKinds,
  requestLaws,
} from '@accord/law';
import { z } from 'zod';
import { id, instant } from './primitives.ts';

/* What the console sees of a case. */

export const need = z.enum(needs);
export const law = z.enum(requestLaws);
const clockId = z.enum(clockIds as [(typeof clockIds)[number], ...(typeof clockIds)[number][]]);

export const phase = z.enum(['incomplete', 'valid', 'removed', 'declined', 'restored', 'merged']);
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
  /** Hours at which it has told somebody. */
  told: z.array(z.int()),
});

/** The last that a clock which still runs has told; `breach`: that it ran out. */
const alarm = z.object({ clock: clockId, hours: z.int(), breach: z.boolean() });

/** One line of the queue. Nothing of what the case is about. */
export const caseLine = z.object({
  id,
  number: z.string(),
  phase,
  openedAt: instant,
  closedAt: instant.nullable(),
  /** The next deadline; null when none runs. The queue is ordered by it. */
  dueAt: instant.nullable(),
  /** Whose deadline that is. */
  clock: clockId.nullable(),
  alarms: z.array(alarm),
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

/** How a copy lies to the picture that was asked about, as PDQ's authors name the symmetries of a rectangle. */
const turn = z.enum([
  'original',
  'rotate90',
  'rotate180',
  'rotate270',
  'flipX',
  'flipY',
  'flipPlus1',
  'flipMinus1',
]);

/** Something near one picture of the case. `whole`: all of it; `part`: a crop of what is stored. Never the hash. */
const near = {
  distance: z.int().min(0).max(256),
  kind: z.enum(['whole', 'part']),
  turn,
  /** 0 to 100, of what is stored. */
  quality: z.int(),
};

/** What the banks and the registry say of one picture: the evidence of the match, nearest first. */
export const itemMatches = z.object({
  itemId: id,
  banked: z.array(
    z.object({
      ...near,
      bank: z.string(),
      source: z.string(),
      category: z.string(),
      /** Whether the word is this desk's own. */
      ours: z.boolean(),
      /** The other case that it comes from; null for what no case of this desk said that one may see. */
      caseId: id.nullable(),
      /** Its message with the very picture, which can be uncovered there; null where the hash alone is known. */
      pictureItem: id.nullable(),
      since: instant,
    }),
  ),
  /** Pictures that can be opened here now, or that nobody may send again. Whose they are is not known to the matching. */
  registered: z.array(z.object({ ...near, open: z.boolean() })),
});

const item = z.object({
  id,
  kind: z.enum(['hash', 'source', 'place', 'message']),
  /** SHA-256 of what it is, hex: names it in the evidence. */
  digest: z.string(),
  place: z.string().nullable(),
  quality: z.int().nullable(),
  /** The report with proof that it came with; null for what came by the desk. */
  reportId: id.nullable(),
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
    .object({
      since: instant,
      receiptId: z.string().nullable(),
      preservedUntil: instant.nullable(),
      /** Reports to NCMEC as they were built. A receipt of the test base files nothing. */
      reports: z.array(
        z.object({
          id,
          builtAt: instant,
          test: z.boolean(),
          receiptId: z.string().nullable(),
          error: z.string().nullable(),
          xml: z.string(),
        }),
      ),
    })
    .nullable(),
  items: z.array(item),
  /** By their id within the case. Names are shown after `reveal_reporter` alone, and to those two. */
  reporters: z.array(
    z.object({
      id,
      capacity: z.enum(capacities).nullable(),
      at: instant,
      withdrawn: z.boolean(),
      /** What they answered, without name and contact; null where it is no longer kept. */
      said: z
        .object({
          kind: z.enum(pictureKinds).nullable(),
          minor: z.enum(minorAnswers).nullable(),
          consent: z.enum(consentAnswers).nullable(),
          intimate: z.boolean(),
          goodFaith: z.boolean(),
          /** They asked for the hashes to be given to other services: without it, releasing one gives it to none. */
          share: z.boolean(),
          words: z.string(),
          language: z.enum(['fr', 'en']),
        })
        .nullable(),
    }),
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
  /** Senders whose pictures went with the removal, and who were told why. */
  told: z.int(),
  /** What is still to be done elsewhere: how often it was tried, and when it is again. */
  works: z.array(z.object({ kind: z.string(), tries: z.int(), nextAt: instant })),
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
      answer: z.string().optional(),
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

const inBoth = <T extends z.ZodType>(shape: T) => z.object({ fr: shape, en: shape });

/** A decision as it is told, before it is. */
export const preview = z.object({
  /** What the sender of each removed picture reads (DSA art. 17); null where nothing is removed. */
  statement: inBoth(statement).nullable(),
  /** What whoever asked reads on the follow-up page. */
  answer: inBoth(z.string()),
  /** What goes to the DSA's database; null where nothing does: a declined request, child safety. */
  record: z.record(z.string(), z.unknown()).nullable(),
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
