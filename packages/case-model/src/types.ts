import type {
  Capacity,
  Clock,
  ClockId,
  DeclineGround,
  Need,
  PictureKind,
  RemoveGround,
  RequestFacts,
  RequestLaw,
} from '@accord/law';
import type { CaseAction, StaffRole } from './roles.ts';
import type { ShownConsent } from './shown-consent.ts';

/** Who does something. A reporter and an uploader are known to a case by an id of its own, never by an account. */
export type Actor =
  | { readonly kind: 'reporter'; readonly id: string }
  | { readonly kind: 'uploader' }
  | { readonly kind: 'system' }
  | { readonly kind: 'staff'; readonly id: string; readonly roles: readonly StaffRole[] };

/** An actor as an event names them: roles may change afterwards. */
export interface By {
  readonly kind: Actor['kind'];
  readonly id?: string;
}

/** What a case is about. The hash, address or message itself lies beside the case; `digest` (SHA-256, hex) fixes it. */
export interface Item {
  readonly id: string;
  readonly kind: 'hash' | 'source' | 'place' | 'message';
  readonly digest: string;
}

/** How far it is decided. Being closed is another matter: a closed case can be appealed. */
export type Phase = 'new' | 'incomplete' | 'valid' | 'removed' | 'declined' | 'restored' | 'merged';

export type NoticeState = 'queued' | 'sent' | 'acknowledged' | 'removed' | 'refused' | 'given_up';
export type AppealSide = 'reporter' | 'uploader';

/** What a report to NCMEC is about: the incident types of the CyberTipline that a service of ours can meet. */
export const incidents = [
  'Child Pornography',
  'Child Sex Trafficking',
  'Child Sexual Molestation',
  'Online Enticement',
  'Unsolicited Obscene Material Sent to a Child',
] as const;
export type Incident = (typeof incidents)[number];

/** What a sweep of one removal came to. Counts, never hashes. */
export interface Coverage {
  readonly registered: number;
  readonly matched: number;
  readonly destroyed: number;
  readonly unreached: number;
  /** True when nothing that we hold was left out. */
  readonly complete: boolean;
}

/** What the law module is asked: which clocks the operator answers to. */
export interface Law {
  readonly clocks: ReadonlySet<ClockId>;
}

interface Stamp {
  readonly at: number;
  readonly by: By;
}

/** Every event. Appended, never changed; the state is their fold. */
export type CaseEvent = Stamp &
  (
    | {
        readonly type: 'filed';
        readonly reporterId: string;
        readonly capacity: Capacity | null;
        readonly picture: PictureKind | null;
        readonly minor: boolean;
        readonly items: readonly Item[];
        /** SHA-256 over name and contact with a salt: proves what was received, tells nothing. */
        readonly identityDigest: string;
        readonly words: string;
      }
    | {
        readonly type: 'examined';
        readonly validUnder: readonly RequestLaw[];
        readonly missing: readonly Need[];
        readonly plausible: boolean;
      }
    | {
        readonly type: 'completed';
        readonly reporterId: string;
        readonly items: readonly Item[];
        readonly words: string;
        readonly identityDigest: string;
      }
    | { readonly type: 'clock_started'; readonly clock: ClockId; readonly startedAt: number }
    | { readonly type: 'clock_met'; readonly clock: ClockId }
    | { readonly type: 'clock_paused' | 'clock_resumed'; readonly clock: ClockId; readonly why: string }
    | {
        readonly type: 'clock_told';
        readonly clock: ClockId;
        readonly hours: number;
        readonly breach: boolean;
      }
    | { readonly type: 'protected'; readonly why: 'plausible' | 'staff' | 'clock' }
    | { readonly type: 'released'; readonly why: 'declined' | 'withdrawn' }
    | {
        readonly type: 'removed';
        readonly decisionId: string;
        readonly ground: RemoveGround;
        readonly words: string;
      }
    | {
        readonly type: 'declined';
        readonly decisionId: string;
        readonly ground: DeclineGround;
        readonly words: string;
        readonly askedBy: string | null;
      }
    | { readonly type: 'restored'; readonly words: string; readonly askedBy: string }
    | { readonly type: 'sweep_started'; readonly sweepId: string }
    | { readonly type: 'sweep_finished'; readonly sweepId: string; readonly coverage: Coverage }
    | {
        readonly type: 'notice_queued';
        readonly noticeId: string;
        readonly platform: string;
        readonly law: RequestLaw;
      }
    | {
        readonly type: 'notice_moved';
        readonly noticeId: string;
        readonly state: NoticeState;
        readonly detail: string;
      }
    | {
        readonly type: 'appealed';
        readonly appealId: string;
        readonly side: AppealSide;
        readonly words: string;
      }
    | {
        readonly type: 'appeal_decided';
        readonly appealId: string;
        readonly outcome: 'upheld' | 'reversed';
        readonly words: string;
      }
    | {
        readonly type: 'asked_approval';
        readonly proposalId: string;
        readonly action: CaseAction;
        readonly words: string;
        readonly ground: DeclineGround | null;
        readonly itemId: string | null;
        readonly appealId: string | null;
      }
    | { readonly type: 'approval_given' | 'approval_refused'; readonly proposalId: string }
    | {
        readonly type: 'message';
        readonly to: 'reporter' | 'desk' | 'uploader' | 'note';
        readonly reporterId: string | null;
        readonly words: string;
      }
    | ({ readonly type: 'consent_shown' } & ShownConsent)
    | { readonly type: 'withdrawn'; readonly reporterId: string }
    | {
        readonly type: 'absorbed';
        readonly from: string;
        readonly items: readonly Item[];
        readonly reporters: readonly (readonly [string, Reporter])[];
        readonly clocks: readonly (readonly [ClockId, Clock])[];
        readonly protected: boolean;
      }
    | { readonly type: 'merged'; readonly into: string }
    | { readonly type: 'child_safety_raised'; readonly why: string }
    | {
        readonly type: 'child_safety_filing';
        readonly incident: Incident;
        readonly words: string;
      }
    | { readonly type: 'child_safety_cleared'; readonly askedBy: string }
    | {
        readonly type: 'child_safety_filed';
        readonly receiptId: string;
        readonly recipient: string;
        readonly earlier: readonly string[];
      }
    | { readonly type: 'order_received'; readonly orderId: string; readonly authority: string }
    | { readonly type: 'held' | 'hold_lifted'; readonly why: string }
    | { readonly type: 'revealed'; readonly itemId: string }
    | { readonly type: 'evidence_read' | 'evidence_exported'; readonly what: string }
    | { readonly type: 'hash_released'; readonly itemId: string; readonly askedBy: string }
    | { readonly type: 'reporter_revealed'; readonly askedBy: string }
    | { readonly type: 'evidence_deletion_approved'; readonly askedBy: string }
    | { readonly type: 'closed' }
  );

export type EventOf<T extends CaseEvent['type']> = Extract<CaseEvent, { readonly type: T }>;

/** What is asked of a case. The envelope (who, when) is passed beside it. */
export type Command =
  | {
      readonly kind: 'file';
      /** False where this household asked for more than is protected unseen: a person looks first (DSA art. 23). */
      readonly mayProtect: boolean;
      readonly reporterId: string;
      readonly facts: RequestFacts;
      readonly items: readonly Item[];
      readonly identityDigest: string;
    }
  | {
      readonly kind: 'complete';
      readonly reporterId: string;
      readonly facts: RequestFacts;
      readonly items: readonly Item[];
      readonly identityDigest: string;
      readonly words: string;
    }
  | { readonly kind: 'protect' }
  | { readonly kind: 'release' }
  | {
      readonly kind: 'remove';
      readonly decisionId: string;
      readonly ground: RemoveGround;
      readonly words: string;
    }
  | {
      readonly kind: 'decline';
      readonly decisionId: string;
      readonly ground: DeclineGround;
      readonly words: string;
    }
  | { readonly kind: 'start_sweep'; readonly sweepId: string }
  | { readonly kind: 'finish_sweep'; readonly sweepId: string; readonly coverage: Coverage }
  | {
      readonly kind: 'queue_notice';
      readonly noticeId: string;
      readonly platform: string;
      readonly law: RequestLaw;
    }
  | {
      readonly kind: 'move_notice';
      readonly noticeId: string;
      readonly state: NoticeState;
      readonly detail: string;
    }
  | { readonly kind: 'appeal'; readonly appealId: string; readonly side: AppealSide; readonly words: string }
  | {
      readonly kind: 'decide_appeal';
      readonly appealId: string;
      readonly outcome: 'upheld' | 'reversed';
      readonly ground: RemoveGround | null;
      readonly words: string;
      readonly decisionId: string;
      readonly proposalId: string;
    }
  | {
      readonly kind: 'ask_approval';
      readonly proposalId: string;
      readonly action: CaseAction;
      readonly words: string;
      readonly ground: DeclineGround | null;
      readonly itemId: string | null;
    }
  | {
      readonly kind: 'answer_approval';
      readonly proposalId: string;
      readonly yes: boolean;
      readonly decisionId: string;
    }
  | {
      readonly kind: 'message';
      readonly to: 'reporter' | 'desk' | 'uploader' | 'note';
      readonly words: string;
    }
  | ({ readonly kind: 'show_consent' } & ShownConsent)
  | { readonly kind: 'withdraw'; readonly reporterId: string }
  | { readonly kind: 'absorb'; readonly from: string; readonly other: CaseState }
  | { readonly kind: 'merge'; readonly into: string }
  | { readonly kind: 'raise_child_safety'; readonly why: string }
  | { readonly kind: 'file_child_safety'; readonly incident: Incident; readonly words: string }
  | {
      readonly kind: 'filed_child_safety';
      readonly receiptId: string;
      readonly recipient: string;
      readonly earlier: readonly string[];
    }
  | { readonly kind: 'receive_order'; readonly orderId: string; readonly authority: string }
  | { readonly kind: 'pause_order' | 'resume_order'; readonly why: string }
  | { readonly kind: 'hold' | 'lift_hold'; readonly why: string }
  | { readonly kind: 'reveal'; readonly itemId: string }
  | { readonly kind: 'read_evidence' | 'export_evidence'; readonly what: string }
  | { readonly kind: 'tick' }
  | { readonly kind: 'close' };

export type CommandKind = Command['kind'];
export type CommandOf<K extends CommandKind> = Extract<Command, { readonly kind: K }>;

export interface Reporter {
  readonly capacity: Capacity | null;
  readonly at: number;
  readonly withdrawn: boolean;
}

export interface Decision {
  readonly id: string;
  readonly kind: 'remove' | 'decline';
  readonly ground: RemoveGround | DeclineGround;
  /** Every account that took part: none of them may judge an appeal. */
  readonly by: readonly string[];
  readonly at: number;
  readonly words: string;
}

export interface Proposal {
  readonly action: CaseAction;
  readonly by: string;
  readonly at: number;
  readonly words: string;
  readonly ground: DeclineGround | null;
  readonly itemId: string | null;
  readonly appealId: string | null;
  readonly state: 'open' | 'given' | 'refused';
}

export interface Notice {
  readonly platform: string;
  readonly law: RequestLaw;
  readonly state: NoticeState;
  readonly tries: number;
  readonly firstSentAt: number | null;
  readonly lastSentAt: number | null;
}

export interface Appeal {
  readonly side: AppealSide;
  readonly at: number;
  readonly words: string;
  readonly outcome: 'upheld' | 'reversed' | null;
  /** What whoever appealed is told; absent while it waits. */
  readonly answer?: string;
}

/** A case as its events left it. Plain data: it is kept as JSON beside them. */
export interface CaseState {
  readonly version: number;
  readonly phase: Phase;
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly validUnder: readonly RequestLaw[];
  readonly missing: readonly Need[];
  readonly picture: PictureKind | null;
  readonly protected: boolean;
  readonly items: readonly Item[];
  readonly reporters: Readonly<Record<string, Reporter>>;
  readonly clocks: Readonly<Partial<Record<ClockId, Clock>>>;
  readonly decision: Decision | null;
  readonly sweeps: Readonly<Record<string, Coverage | null>>;
  /** A removal is not done before a sweep after it ended completely. */
  readonly sweepOwed: boolean;
  readonly notices: Readonly<Record<string, Notice>>;
  readonly appeals: Readonly<Record<string, Appeal>>;
  readonly proposals: Readonly<Record<string, Proposal>>;
  readonly childSafety: {
    readonly since: number;
    readonly filed: { readonly receiptId: string; readonly at: number } | null;
    readonly preservedUntil: number | null;
  } | null;
  readonly hold: boolean;
  readonly mergedInto: string | null;
  readonly absorbed: readonly string[];
  readonly reveals: number;
}

/** Why a command is refused. Closed and stable. `forbidden` is told to nobody: it answers as an absent case does. */
export const refusalCodes = [
  'forbidden',
  'wrong_phase',
  'two_people',
  'same_person',
  'open_work',
  'absent',
  'exists',
  'too_late',
  'child_safety',
  'nothing_to_do',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export type Outcome =
  | { readonly ok: true; readonly events: readonly CaseEvent[] }
  | { readonly ok: false; readonly refusal: RefusalCode };
