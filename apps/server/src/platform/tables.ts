import type { ColumnType, GeneratedAlways } from 'kysely';
import type { CaseTables } from './tables-cases.ts';
import type { ExchangeTables } from './tables-exchange.ts';
import type { PartnerTables } from './tables-partners.ts';

/** `bigint` columns: read as the decimal string that the driver gives, written as anything exact. */
type BigCount = ColumnType<string, string | number | bigint, string | number | bigint>;
/** Columns with a default. */
type Defaulted<T> = ColumnType<T, T | undefined, T>;

/** Every table, as the migrations leave them. A feature reads and writes its own and no other's. */
export interface Tables extends CaseTables, ExchangeTables, PartnerTables {
  // accounts
  account: {
    id: string;
    pseudonym: string;
    pseudonym_key: string;
    identity_public_key: Buffer;
    box_public_key: Buffer;
    box_signature: Buffer;
    created_at: Date;
  };
  device: {
    id: string;
    account_id: string;
    name: string;
    signature_public_key: Buffer;
    certificate: Buffer;
    added_at: Date;
    last_seen_at: Date | null;
    removed_at: Date | null;
  };
  passkey: {
    credential_id: string;
    account_id: string;
    public_key: Buffer;
    sign_count: BigCount;
    transports: string[];
    backed_up: boolean;
    wrapped_identity: Buffer | null;
    added_at: Date;
  };
  passkey_use: { credential_id: string; device_id: string };
  ceremony: {
    id: string;
    kind: 'registration' | 'sign_in' | 'return' | 'check';
    challenge: string;
    account_id: string | null;
    pseudonym: string | null;
    code_hash: Buffer | null;
    expires_at: Date;
  };
  session: {
    token_hash: Buffer;
    account_id: string;
    device_id: string | null;
    credential_id: string;
    created_at: Date;
    checked_at: Defaulted<Date>;
    expires_at: Date;
  };
  return_code: {
    id_hash: Buffer;
    kind: 'recovery' | 'link';
    account_id: string;
    sealed_identity: Buffer;
    expires_at: Date | null;
  };
  block: { blocker_id: string; blocked_id: string; since: Date };
  // gate
  adult: {
    account_id: string;
    until: ColumnType<string, string, string>;
    method: string;
    policy: string;
    verified_on: ColumnType<string, string, string>;
  };
  proof_request: {
    id: string;
    account_id: string;
    token_hash: Buffer;
    method: string;
    way: string;
    salt: Buffer;
    outcome: Defaulted<'waiting' | 'judging' | 'passed' | 'refused'>;
    expires_at: Date;
  };
  proof_visit: { token_hash: Buffer; proved_at: Date | null; seen_at: Date };
  proof_passkey: { credential_id: string };
  proof_pepper: { one: Defaulted<boolean>; mark: Buffer };
  proof_spent: { tag: Buffer; expires_on: ColumnType<string, string, string> };
  allowance: { tag: Buffer; full_at: Date };
  proof_try: { tag: Buffer; tries: number; day: ColumnType<string, string, string> };
  // presence
  profile: {
    account_id: string;
    about: Defaulted<string>;
    languages: Defaulted<string[]>;
    seeking: Defaulted<string[]>;
    show_online: Defaulted<boolean>;
    listed: Defaulted<boolean>;
    search_text: string;
    online_until: Date | null;
  };
  talk_request: {
    id: string;
    from_id: string;
    to_id: string;
    sealed_line: Buffer;
    created_at: Date;
    lapses_at: Date;
    state: 'waiting' | 'hidden' | 'accepted';
  };
  report: {
    id: string;
    by_id: string | null;
    about_id: string | null;
    reason: string;
    words: string;
    created_at: Date;
    closed_at: Date | null;
  };
  // media
  media_blob: {
    id: string;
    owner_id: string | null;
    size: number;
    cth: Buffer;
    received: Defaulted<number>;
    complete: Defaulted<boolean>;
    begun_at: Date;
    removed_at: Date | null;
  };
  half_key: { slot: number; blob_id: string; reserved_at: Date };
  picture: {
    blob_id: string;
    owner_id: string | null;
    purpose: 'send' | 'ask';
    depicts: string;
    max_views: number | null;
    expires_at: Date | null;
    created_at: Date;
    ended_at: Date | null;
    ended_why: string | null;
    quiet: Defaulted<boolean>;
    hold_until: Date | null;
    frozen: Defaulted<boolean>;
  };
  picture_take_back: { owner_id: string; at: Date };
  picture_receiver: {
    blob_id: string;
    account_id: string;
    accepted_at: Date | null;
    views: Defaulted<number>;
    ended_at: Date | null;
    ended_why: string | null;
    quiet: Defaulted<boolean>;
  };
  picture_view: { blob_id: string; account_id: string; view_id: string; device_id: string; at: Date };
  picture_sender: { receiver_id: string; sender_id: string; mode: 'always' | 'never' };
  consent: {
    id: string;
    asker_id: string | null;
    asked_id: string | null;
    link_hash: Buffer | null;
    by_link: boolean;
    blob_id: string;
    sealed: Buffer | null;
    ph: Buffer;
    receivers: string[];
    until: Date | null;
    state: 'waiting' | 'yes' | 'no' | 'withdrawn';
    asked_at: Date;
    lapses_at: Date;
    answered_at: Date | null;
    record_id: string | null;
    record: Buffer | null;
    withdrawn_at: Date | null;
    link_views: Defaulted<number>;
    link_view_id: string | null;
    link_view_at: Date | null;
  };
  picture_consent: { blob_id: string; consent_id: string };
  media_report: {
    id: string;
    by_id: string | null;
    about_id: string | null;
    reason: string;
    verified: boolean;
    kid: Buffer;
    sealed: Buffer | null;
    pictures: number;
    created_at: Date;
    closed_at: Date | null;
  };
  // delivery
  conversation: {
    id: string;
    one_id: string | null;
    other_id: string | null;
    created_at: Date;
    closed_at: Date | null;
  };
  mls_group: {
    id: string;
    conversation_id: string;
    epoch: BigCount;
    group_info: Buffer;
    changed_at: Date;
    closed: Defaulted<boolean>;
    evicting: Defaulted<boolean>;
  };
  group_member: {
    group_id: string;
    device_id: string;
    account_id: string;
    leaf: number;
    joined_epoch: BigCount;
    leaving: Defaulted<boolean>;
  };
  commit_receipt: { device_id: string; idem: string; group_id: string; epoch: BigCount };
  key_package: { ref: Buffer; device_id: string; last_resort: boolean; bytes: Buffer; expires_at: Date };
  send_mark: {
    device_id: string;
    n: BigCount;
    before: BigCount;
    since: BigCount;
    at: BigCount;
    earlier: string[] | null;
  };
  inbox: {
    device_id: string;
    id: GeneratedAlways<string>;
    kind: number;
    group_id: string;
    epoch: BigCount;
    at: Date;
    body: Buffer;
  };
  // matching
  bank: {
    id: number;
    name: string;
    purpose: 'blocking' | 'claimed' | 'review' | 'trusted';
    source: string;
    owner: string;
    enabled: Defaulted<boolean>;
    created_at: Date;
  };
  bank_signal: { id: GeneratedAlways<number>; quality: number; added_at: Date };
  bank_opinion: {
    signal_id: number;
    bank_id: number;
    source: string;
    category: 'positive' | 'seed' | 'negative';
    tags: string[];
    confidence: number;
    at: Date;
    withdrawn: boolean;
  };
  registered_picture: {
    id: GeneratedAlways<number>;
    blob_tag: Buffer | null;
    owner_key: Buffer | null;
    cm: Buffer;
    quality: number;
    state: 'asked' | 'open' | 'ended';
    ends_at: Date | null;
    afterwards: 'refuse' | 'forget';
  };
  matching_hash: {
    id: GeneratedAlways<number>;
    kind: number;
    hash: Buffer;
    anchor: Defaulted<number | null>;
    signal_id: number | null;
    registered_id: number | null;
  };
  bank_digest: { digest: Buffer; signal_id: number };
  matching_change: { xid: Defaulted<string>; hash_id: number; at: Defaulted<Date> };
  matching_feed: { one: Defaulted<boolean>; life: string };
  matching_state: { one: Defaulted<boolean>; epoch: BigCount; tag_key: Buffer };
  matching_threshold: {
    id: GeneratedAlways<string>;
    radius: number;
    at: Date;
    by_id: string;
    asked_by: string;
  };
  attestation_key: { kid: Buffer; public_key: Buffer; since: Date };
  grant_withdrawal: { grant_id: Buffer; until: Date };
  matching_refusal: {
    appeal: Buffer;
    reason: 'bank' | 'registered' | 'grant';
    signal_ids: number[];
    at: Date;
  };
}
