-- Accounts: a pseudonym, keys, and nothing that says who somebody is.
create table account (
  id uuid primary key,
  pseudonym text not null,
  pseudonym_key text not null unique,           -- NFKC, case-folded: two look-alikes are one name
  identity_public_key bytea not null,
  box_public_key bytea not null,
  box_signature bytea not null,
  created_at timestamptz not null
);

create table device (
  id uuid primary key,
  account_id uuid not null references account on delete cascade,
  name text not null,
  signature_public_key bytea not null,
  certificate bytea not null,
  added_at timestamptz not null,
  last_seen_at timestamptz,
  removed_at timestamptz
);
create index device_of_account on device (account_id);

create table passkey (
  credential_id text primary key,               -- base64url, as WebAuthn gives it
  account_id uuid not null references account on delete cascade,
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null,
  backed_up boolean not null,
  wrapped_identity bytea,                       -- identity key under the passkey's PRF output
  added_at timestamptz not null
);
create index passkey_of_account on passkey (account_id);

-- A synced passkey serves several devices: it goes with the last of them.
create table passkey_use (
  credential_id text not null references passkey on delete cascade,
  device_id uuid not null references device on delete cascade,
  primary key (credential_id, device_id)
);
create index passkey_use_of_device on passkey_use (device_id);

create table ceremony (
  id uuid primary key,
  kind text not null check (kind in ('registration', 'sign_in', 'return')),
  challenge text not null,
  account_id uuid,
  pseudonym text,
  code_hash bytea,                              -- the return code that opened it
  expires_at timestamptz not null
);
create index ceremony_expiry on ceremony (expires_at);

create table session (
  token_hash bytea primary key,                 -- SHA-256 of the cookie's 32 random bytes
  account_id uuid not null references account on delete cascade,
  device_id uuid references device on delete cascade,
  credential_id text not null references passkey on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index session_of_account on session (account_id);
create index session_expiry on session (expires_at);

create table return_code (
  id_hash bytea primary key,                    -- SHA-256 of the id that the code gives
  kind text not null check (kind in ('recovery', 'link')),
  account_id uuid not null references account on delete cascade,
  sealed_identity bytea not null,
  expires_at timestamptz                        -- null: a recovery code, good until used
);
create unique index one_recovery_code on return_code (account_id) where kind = 'recovery';

create table block (
  blocker_id uuid not null references account on delete cascade,
  blocked_id uuid not null references account on delete cascade,
  since timestamptz not null,
  primary key (blocker_id, blocked_id)
);
create index block_of_blocked on block (blocked_id);

-- The gate keeps "adult until", the method's class, the policy and the day. Nothing else, anywhere.
create table adult (
  account_id uuid primary key references account on delete cascade,
  until date not null,
  method text not null,
  policy text not null,
  verified_on date not null
);

create table proof_request (
  id uuid primary key,
  account_id uuid not null references account on delete cascade,
  method text not null,
  nonce bytea not null,
  expires_at timestamptz not null
);
create index proof_request_expiry on proof_request (expires_at);

-- Being there.
create table profile (
  account_id uuid primary key references account on delete cascade,
  about text not null default '',
  languages text[] not null default '{}',
  seeking text[] not null default '{}',
  show_online boolean not null default true,
  listed boolean not null default true,
  search_text text not null,                    -- pseudonym and words without accents or case: no locale decides
  online_until timestamptz
);
create index profile_listed on profile (online_until desc nulls last, account_id) where listed;

create table talk_request (
  id uuid primary key,
  from_id uuid not null references account on delete cascade,
  to_id uuid not null references account on delete cascade,
  sealed_line bytea not null,
  created_at timestamptz not null,
  lapses_at timestamptz not null,
  state text not null check (state in ('waiting', 'hidden', 'accepted')),
  check (from_id <> to_id)
);
create unique index one_open_request on talk_request (from_id, to_id) where state <> 'accepted';
create index talk_request_to on talk_request (to_id, lapses_at);
create index talk_request_from on talk_request (from_id, created_at);

create table report (
  id uuid primary key,
  by_id uuid references account on delete set null,
  about_id uuid references account on delete set null,
  reason text not null,
  words text not null,
  created_at timestamptz not null,
  closed_at timestamptz
);

-- Talking: the delivery service. It sees who talks to whom and when, and sizes; never a word.
create table conversation (
  id uuid primary key,
  one_id uuid references account on delete set null,
  other_id uuid references account on delete set null,
  created_at timestamptz not null,
  closed_at timestamptz
);
create index conversation_of_one on conversation (one_id);
create index conversation_of_other on conversation (other_id);
create unique index one_open_conversation on conversation (least(one_id, other_id), greatest(one_id, other_id)) where closed_at is null;

create table mls_group (
  id uuid primary key,
  conversation_id uuid not null unique references conversation on delete cascade,
  epoch bigint not null,
  group_info bytea not null,
  changed_at timestamptz not null,              -- of the last commit: what was stored just before it may still be on its way
  closed boolean not null default false,        -- as its conversation: a send reads one row
  evicting boolean not null default false       -- whether a member is `leaving`
);

create table group_member (
  group_id uuid not null references mls_group on delete cascade,
  device_id uuid not null references device on delete cascade,
  account_id uuid not null,
  leaf integer not null,
  joined_epoch bigint not null,                 -- what was sent in an earlier one it could not read
  leaving boolean not null default false,       -- removed by its owner: the next commit must evict it
  primary key (group_id, device_id)
);
create index group_member_of_device on group_member (device_id);

create table commit_receipt (
  device_id uuid not null references device on delete cascade,
  idem uuid not null,
  group_id uuid not null references mls_group on delete cascade,
  epoch bigint not null,
  primary key (device_id, idem)
);

create table key_package (
  ref bytea primary key,
  device_id uuid not null references device on delete cascade,
  last_resort boolean not null,
  bytes bytea not null,
  expires_at timestamptz not null
);
create index key_package_of_device on key_package (device_id, last_resort, expires_at);
create unique index one_last_resort on key_package (device_id) where last_resort;

-- The highest `n` of each device's sends that is stored: a resend is stored once, with no list of old ones.
create table send_mark (
  device_id uuid primary key references device on delete cascade,
  n bigint not null,
  before bigint not null                        -- what `n` was before the last batch: tells that batch what is new
) with (fillfactor = 50);

-- One row per waiting item and device; acknowledged rows are deleted, not flagged. No reference to `device`:
-- the check would cost a lock on the receiver's row for every message.
create table inbox (
  device_id uuid not null,
  id bigint generated always as identity,
  kind smallint not null,                       -- place in the protocol's `itemKinds`
  group_id uuid not null,
  epoch bigint not null,
  at timestamptz not null,
  body bytea not null,
  primary key (device_id, id)
);
create index inbox_age on inbox using brin (at);   -- for the purge alone: next to nothing to keep up
