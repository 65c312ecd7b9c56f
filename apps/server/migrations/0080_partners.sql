-- Other platforms that use the engine over HTTP: their keys, what HMA's interface keeps, their notices, what they are told.

-- The key itself is shown once and kept nowhere; `id` names it and opens nothing.
create table api_key (
  id text primary key check (id ~ '^[0-9a-z]{8}$'),
  name text not null,
  secret_hash bytea not null check (length(secret_hash) = 32), -- SHA-256 of 32 random bytes
  scopes text[] not null,
  banks text[],                                 -- null: all but those of what is only claimed
  per_minute integer not null check (per_minute > 0),
  created_at timestamptz not null,
  revoked_at timestamptz
);

-- Files that a bank knows by MD5 alone: HMA's `video_md5`.
create table bank_file (
  id integer primary key generated always as identity,
  bank_id smallint not null references bank on delete cascade,
  md5 bytea not null check (length(md5) = 16),
  added_at timestamptz not null,
  unique (bank_id, md5)
);
create index bank_file_md5 on bank_file (md5);

-- What HMA's interface was told about one content of a bank, beside what the bank says of it.
create table bank_content (
  content_id bigint primary key,
  bank_id smallint not null references bank on delete cascade,
  note text,
  metadata jsonb,
  disable_until bigint not null                 -- seconds since 1970; 1: it matches, 0 or later than now: it does not
);

-- A notice that a platform filed: which of its keys, and the desk's own number of it.
create table partner_notice (
  id uuid primary key,
  key_id text not null references api_key,
  number text not null unique,
  case_id uuid not null references desk_case on delete cascade,
  reference text not null,                      -- the platform's own name for it
  filed_at timestamptz not null
);
create index partner_notice_of_key on partner_notice (key_id, filed_at, id);
create index partner_notice_of_case on partner_notice (case_id);

create table webhook (
  id uuid primary key,
  key_id text not null references api_key,
  url text not null,
  secret bytea not null check (length(secret) = 32),
  created_at timestamptz not null
);
create index webhook_of_key on webhook (key_id);

-- Written in the transaction that decided what it tells, so that no crash can lose it. `body` is what is signed, byte for byte.
create table webhook_delivery (
  id uuid primary key,
  webhook_id uuid not null references webhook on delete cascade,
  type text not null,
  body text not null,
  state text not null check (state in ('waiting', 'sent', 'dead')),
  tries integer not null default 0,
  next_at timestamptz not null,
  outcome text,                                 -- a status or why there was none
  created_at timestamptz not null,
  ended_at timestamptz
);
create index webhook_delivery_waiting on webhook_delivery (next_at) where state = 'waiting';
create index webhook_delivery_of_webhook on webhook_delivery (webhook_id, created_at, id);
