-- Sealed pictures. Here are ciphertexts' names, policies and yeses; no key: half-keys are in a file of their own, so that what
-- is overwritten there is in no old row version, no write-ahead log and no backup.

create table media_blob (
  id uuid primary key,
  owner_id uuid references account on delete set null,
  size integer not null,
  cth bytea not null,                           -- SHA-256 of the ciphertext, as announced
  received integer not null default 0,          -- bytes of it that are on the disk
  complete boolean not null default false,
  begun_at timestamptz not null,
  removed_at timestamptz                        -- the ciphertext is gone
);
create index media_blob_of_owner on media_blob (owner_id, begun_at);

-- Which slot of the file holds a picture's half-key. No row: there is none (any more).
create table half_key (
  slot integer primary key,
  blob_id uuid not null unique,
  reserved_at timestamptz not null
);

create table picture (
  blob_id uuid primary key references media_blob on delete cascade,
  owner_id uuid references account on delete set null,
  purpose text not null check (purpose in ('send', 'ask')),
  depicts text not null,
  max_views integer,
  expires_at timestamptz,
  created_at timestamptz not null,
  ended_at timestamptz,
  ended_why text,
  quiet boolean not null default false,         -- ended by a receiver's block: its sender sees it as open
  hold_until timestamptz,                       -- used up, its half-key kept for a report and nothing else
  frozen boolean not null default false
);
create index picture_of_owner on picture (owner_id, created_at desc, blob_id);
create index picture_expiry on picture (expires_at) where ended_at is null;
create index picture_hold on picture (hold_until) where hold_until is not null;
create index picture_ended on picture (ended_at) where ended_at is not null;

create table picture_receiver (
  blob_id uuid not null references picture on delete cascade,
  account_id uuid not null references account on delete cascade,
  accepted_at timestamptz,
  views integer not null default 0,
  ended_at timestamptz,
  ended_why text,
  quiet boolean not null default false,
  primary key (blob_id, account_id)
);
create index picture_receiver_of_account on picture_receiver (account_id);

create table picture_view (
  blob_id uuid not null,
  account_id uuid not null,
  view_id uuid not null,
  device_id uuid not null,
  at timestamptz not null,
  primary key (blob_id, account_id, view_id),
  foreign key (blob_id, account_id) references picture_receiver on delete cascade
);

-- A receiver's decision about somebody's pictures; without a row: ask.
create table picture_sender (
  receiver_id uuid not null references account on delete cascade,
  sender_id uuid not null references account on delete cascade,
  mode text not null check (mode in ('always', 'never')),
  primary key (receiver_id, sender_id)
);

create table consent (
  id uuid primary key,
  asker_id uuid references account on delete set null,
  asked_id uuid references account on delete set null,
  link_hash bytea unique,                       -- SHA-256 of the one-time link's id: whoever copies this table can't answer
  by_link boolean not null,
  blob_id uuid not null,                        -- the copy that only the asked one can open
  sealed bytea,
  ph bytea not null,
  receivers uuid[] not null,
  until timestamptz,
  state text not null check (state in ('waiting', 'yes', 'no', 'withdrawn')),
  asked_at timestamptz not null,
  lapses_at timestamptz not null,
  answered_at timestamptz,
  record_id uuid unique,
  record bytea,
  withdrawn_at timestamptz,
  link_views integer not null default 0,
  link_view_id uuid,
  link_view_at timestamptz
);
create index consent_of_asker on consent (asker_id, ph);
create index consent_of_asked on consent (asked_id);
create index consent_waiting on consent (lapses_at) where state = 'waiting';

-- The yeses that a picture stands on.
create table picture_consent (
  blob_id uuid not null references picture on delete cascade,
  consent_id uuid not null references consent on delete cascade,
  primary key (blob_id, consent_id)
);
create index picture_consent_of_consent on picture_consent (consent_id);

-- Reports with proof. What they say is sealed to the moderation key, whose secret is a file; pictures are blobs sealed alike.
create table media_report (
  id uuid primary key,
  by_id uuid references account on delete set null,
  about_id uuid references account on delete set null,
  reason text not null,
  verified boolean not null,
  kid bytea not null,
  sealed bytea,                                 -- null once it is closed
  pictures integer not null,
  created_at timestamptz not null,
  closed_at timestamptz
);
create index media_report_waiting on media_report (created_at) where closed_at is null;
