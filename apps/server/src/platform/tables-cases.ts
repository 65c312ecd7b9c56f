import type { CaseState } from '@accord/case-model';
import type { RequestFacts } from '@accord/law';
import type { ColumnType, GeneratedAlways } from 'kysely';

/** Columns with a default. */
type Defaulted<T> = ColumnType<T, T | undefined, T>;
/** `jsonb`: read parsed, written as the JSON it is. */
type Json<T> = ColumnType<T, string, string>;

/** The tables of the desk, the console and the statements of reasons. */
export interface CaseTables {
  desk_case: {
    id: string;
    ref: GeneratedAlways<string>;
    state: Json<CaseState>;
    phase: string;
    due_at: Date | null;
    child_safety: boolean;
    appealed: boolean;
    unanswered: number;
    opened_at: Date;
    closed_at: Date | null;
    /** `due_at`, or the far end of time. */
    rank_at: ColumnType<Date, never, never>;
    proposals: Defaulted<number>;
  };
  case_event: {
    case_id: string;
    seq: number;
    type: string;
    at: Date;
    entry: string;
    hash: Buffer;
    signature: Buffer;
    kid: string;
  };
  evidence_key: { kid: string; private_key: Buffer; public_key: Buffer; created_at: Date };
  case_clock: {
    case_id: string;
    clock: string;
    started_at: Date;
    due_at: Date | null;
    next_at: Date | null;
    met_at: Date | null;
    breached: Defaulted<boolean>;
  };
  case_reporter: {
    id: string;
    case_id: string;
    idem: string;
    number: string;
    pin_hash: string;
    recovery_hash: string;
    failures: Defaulted<number>;
    locked_until: Date | null;
    language: 'fr' | 'en';
    account_id: string | null;
    signature: string;
    contact: string;
    facts: Json<RequestFacts>;
    salt: Buffer;
    filed_at: Date;
    share: Defaulted<boolean>;
  };
  case_session: { token_hash: Buffer; reporter_id: string; expires_at: Date };
  case_item: {
    case_id: string;
    id: string;
    kind: 'hash' | 'source' | 'place' | 'message';
    digest: string;
    hash: Buffer | null;
    quality: number | null;
    variants: Buffer | null;
    place: string | null;
    report_id: string | null;
    report_place: number | null;
  };
  case_work: {
    id: string;
    case_id: string;
    kind: string;
    detail: Json<Readonly<Record<string, unknown>>>;
    next_at: Date;
    tries: Defaulted<number>;
    error: string | null;
  };
  case_notice: {
    id: string;
    case_id: string;
    platform: string;
    recipient: string;
    law: string;
    language: 'fr' | 'en';
    reference: string;
    first_at: Date;
  };
  case_statement: {
    id: string;
    case_id: string;
    decision_id: string;
    account_id: string;
    ground: string;
    pictures: number;
    at: Date;
    appeal_id: string | null;
  };
  child_safety_report: {
    id: string;
    case_id: string;
    base: string;
    test: boolean;
    xml: string;
    receipt_id: string | null;
    error: string | null;
    built_at: Date;
    filed_at: Date | null;
    opened_id: ColumnType<string | null, string | null | undefined, string | null>;
  };
  child_safety_file: {
    report_id: string;
    item_id: string;
    file_id: string | null;
    sha256: string;
    sent_at: Date;
    step: 'sending' | 'sent' | 'describing' | 'described';
  };
  evidence_stamp: {
    case_id: string;
    seq: number;
    hash: Buffer;
    next_at: Date;
    tries: Defaulted<number>;
    error: string | null;
    token: Buffer | null;
    stamped_at: Date | null;
  };
  desk_figure: {
    id: GeneratedAlways<string>;
    case_id: string | null;
    received_at: Date;
    picture: string | null;
    child_safety: boolean;
    requests: number;
    items: number;
    blocked_at: Date | null;
    decided_at: Date | null;
    decision: 'remove' | 'decline' | null;
    ground: string | null;
    gone_at: Date | null;
    withdrawn_at: Date | null;
    orders: number;
    ordered_at: Date | null;
    late: boolean;
  };
  desk_figure_appeal: {
    id: string;
    figure_id: string;
    side: 'reporter' | 'uploader';
    at: Date;
    decided_at: Date | null;
    outcome: 'upheld' | 'reversed' | null;
  };
  transparency_statement: {
    puid: string;
    case_id: string | null;
    body: Json<Readonly<Record<string, unknown>>>;
    state: 'waiting' | 'sent' | 'refused';
    tries: Defaulted<number>;
    next_at: Date;
    error: string | null;
    sent_at: Date | null;
  };
  staff_role: { account_id: string; role: string; granted_at: Date; granted_by: string };
  desk_approval: {
    id: string;
    action: string;
    detail: Json<Readonly<Record<string, unknown>>>;
    words: string;
    asked_by: string;
    asked_at: Date;
    state: 'open' | 'given' | 'refused';
    answered_by: string | null;
    answered_at: Date | null;
  };
}
